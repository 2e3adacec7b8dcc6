//! The one place where the engine's errors become problems with cause and cure.

use atlas_lm::{LoadError, RunError};
use atlas_probe::VectorsError;
use atlas_protocol::Problem;

/// A model's files do not make a model.
pub fn load(error: &LoadError) -> Problem {
    unusable(error)
}

/// The vectors' file is not one.
pub fn vectors(error: &VectorsError) -> Problem {
    unusable(error)
}

/// Text or template could not be handled by a model that is running.
pub fn text(error: &LoadError) -> Problem {
    engine(error)
}

/// A pass through the model failed.
pub fn run(error: &RunError) -> Problem {
    match error {
        RunError::Empty => Problem::EmptyText,
        RunError::TooLong { tokens, context } => Problem::TooLong {
            tokens: count(*tokens),
            limit: count(*context),
        },
        RunError::Device(said) if is_memory(said) => Problem::OutOfMemory,
        RunError::UnknownToken { .. } | RunError::Edit { .. } | RunError::Batch { .. } => {
            unusable(error)
        }
        RunError::Device(_) => engine(error),
    }
}

/// Whether a message of the runtime speaks of memory.
fn is_memory(said: &str) -> bool {
    let said = said.to_lowercase();
    said.contains("memory") || said.contains("capacity overflow")
}

/// A reason that stands inside a sentence.
pub fn unusable(reason: &impl ToString) -> Problem {
    let reason = reason.to_string().trim_end_matches('.').to_owned();
    Problem::Unusable { reason }
}

fn engine(reason: &impl ToString) -> Problem {
    let reason = reason.to_string().trim_end_matches('.').to_owned();
    Problem::Engine { reason }
}

/// A panic's message, for the host's last words.
#[must_use]
pub fn panicked(said: &str) -> Problem {
    if is_memory(said) {
        Problem::OutOfMemory
    } else {
        engine(&said.lines().next().unwrap_or("no reason given"))
    }
}

/// A count for a message; no text is longer than that.
pub fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_stand_inside_a_sentence() {
        let problem = load(&LoadError::Missing("output.weight".into()));
        assert_eq!(
            problem.to_string(),
            "This model cannot be used: tensor `output.weight` is missing."
        );
    }

    #[test]
    fn memory_is_told_apart() {
        let failed = RunError::Device("Not enough memory left".into());
        assert_eq!(run(&failed), Problem::OutOfMemory);
        assert_eq!(panicked("capacity overflow\n at x"), Problem::OutOfMemory);
        assert_eq!(
            panicked("index 3\n at x"),
            Problem::Engine {
                reason: "index 3".into()
            }
        );
    }

    #[test]
    fn limits_are_named() {
        let long = RunError::TooLong {
            tokens: 9,
            context: 8,
        };
        assert_eq!(
            run(&long),
            Problem::TooLong {
                tokens: 9,
                limit: 8
            }
        );
    }
}
