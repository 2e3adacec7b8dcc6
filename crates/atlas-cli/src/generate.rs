//! `atlas generate`.

use crate::engine::{Engine, parse_push, setting};
use anyhow::Result;
use atlas_protocol::{Event, Generation, Method, Sample, Sampling, Span, Steer};
use atlas_units::{Layer, Strength};
use std::path::PathBuf;

/// Options of `atlas generate`.
#[derive(clap::Args)]
pub struct Args {
    /// The model's folder.
    #[arg(long, default_value = "models/smollm2-135m-instruct")]
    model: PathBuf,
    /// What to push, in percent of the mean residual norm: `--push calm:25 --push angry:-10`.
    #[arg(long, value_parser = parse_push, allow_hyphen_values = true)]
    push: Vec<(String, Strength)>,
    /// What is done along the emotions' directions.
    #[arg(long, value_enum, default_value_t = Way::Add)]
    method: Way,
    /// Layers to steer at, e.g. `18` or `16-20`; those of vectors.json if not given.
    #[arg(long, value_parser = parse_layers)]
    layers: Option<Layers>,
    /// Steer these tokens only.
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Write a third text, steered along random vectors of the same length.
    #[arg(long)]
    control: bool,
    /// Give the prompt as a user's chat turn.
    #[arg(long)]
    chat: bool,
    /// Seed of the random numbers.
    #[arg(long, default_value_t = 3)]
    seed: u32,
    /// Write from so many seeds, and say what the texts read as when nothing is pushed.
    #[arg(long)]
    seeds: Option<u32>,
    /// 0 takes the most likely token.
    #[arg(long, default_value_t = 0.7)]
    temperature: f32,
    /// Stop after this many tokens.
    #[arg(long, default_value_t = 96)]
    tokens: u32,
    /// The prompt.
    prompt: String,
}

/// What is done along a direction.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Way {
    /// Add a vector.
    Add,
    /// Take the component out; percentages do not count.
    ProjectOut,
    /// Bring the component to a level: percent of the mean residual norm above neutral text.
    Clamp,
}

/// Some of the tokens.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Part {
    /// Those of the prompt.
    Prompt,
    /// New ones.
    New,
}

/// Layers from a range.
#[derive(Clone)]
struct Layers(Vec<Layer>);

fn parse_layers(text: &str) -> Result<Layers, String> {
    let number = |part: &str| {
        part.trim()
            .parse::<u16>()
            .map_err(|_| format!("`{part}` is no layer"))
    };
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to) = (number(from)?, number(to)?);
    if from > to {
        return Err("write the lower layer first, for instance 16-20".into());
    }
    Ok(Layers((from..=to).map(Layer::new).collect()))
}

/// Generates and prints.
#[expect(clippy::print_stdout, reason = "what a terminal program is for")]
pub fn run(args: &Args) -> Result<()> {
    let mut engine = Engine::start(&args.model)?;
    let steer = Steer {
        pushes: engine.pushes(&args.push)?,
        method: match args.method {
            Way::Add => Method::Add,
            Way::ProjectOut => Method::ProjectOut,
            Way::Clamp => Method::Clamp,
        },
        layers: args.layers.clone().map_or(vec![], |layers| layers.0),
        span: match args.only {
            None => Span::All,
            Some(Part::Prompt) => Span::Prompt,
            Some(Part::New) => Span::New,
        },
        control: args.control,
    };
    let generation = Generation {
        before: vec![],
        prompt: args.prompt.clone(),
        setting: setting(args.chat),
        steer,
        sampling: Sampling {
            seed: args.seed,
            temperature: args.temperature,
            max_tokens: args.tokens,
            ..Sampling::default()
        },
    };
    if let Some(seeds) = args.seeds {
        return print_batch(&mut engine, args, generation, seeds);
    }
    let ([plain, steered, random], speed) = engine.write(generation)?;
    println!("Plain:\n{plain}\n\nSteered:\n{steered}\n");
    if !random.is_empty() {
        println!("Random vectors:\n{random}\n");
    }
    println!("{speed:.1} tokens/s, all together");
    Ok(())
}

/// One line per seed: what each emotion that is pushed reads as, plain, steered, and along random vectors.
#[expect(clippy::print_stdout, reason = "what a terminal program is for")]
fn print_batch(engine: &mut Engine, args: &Args, generation: Generation, seeds: u32) -> Result<()> {
    let pushed = engine.pushes(&args.push)?;
    for event in engine.batch(generation, seeds)? {
        let Event::Seed {
            seed,
            plain,
            steered,
            random,
            ..
        } = event
        else {
            continue;
        };
        println!("Seed {seed}");
        for (push, (name, _)) in pushed.iter().zip(&args.push) {
            let mean = |sample: &Sample| sample.means.get(usize::from(push.emotion)).copied();
            let figure = |sample: &Sample| mean(sample).map_or("-".into(), |m| format!("{m:+.3}"));
            print!(
                "  {name}: plain {}, steered {}",
                figure(&plain),
                figure(&steered)
            );
            println!(
                "{}",
                random
                    .as_ref()
                    .map_or(String::new(), |r| format!(", random {}", figure(r)))
            );
        }
        println!("  plain    {:?}\n  steered  {:?}", plain.text, steered.text);
        if let Some(random) = random {
            println!("  random   {:?}", random.text);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_one_or_a_range() {
        let layers =
            |text| parse_layers(text).map(|l| l.0.iter().map(|l| l.index()).collect::<Vec<_>>());
        assert_eq!(layers("18"), Ok(vec![18]));
        assert_eq!(layers("16-18"), Ok(vec![16, 17, 18]));
        assert!(layers("18-16").is_err() && layers("x").is_err());
    }
}
