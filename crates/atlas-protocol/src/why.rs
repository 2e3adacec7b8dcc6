//! Why a model runs on what it runs on.

use serde::{Deserialize, Serialize};

/// The reason in a short clause: `Display` says it in English, a page in its visitor's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Why {
    /// The GPU computes what it should.
    #[error("the GPU passed the self-test")]
    Passed,
    /// The CPU was asked for.
    #[error("the CPU was chosen")]
    Chosen,
    /// Browsers give WebGPU to secure addresses only.
    #[error("WebGPU needs an https address")]
    Insecure,
    /// The browser does not know WebGPU.
    #[error("this browser has no WebGPU")]
    Absent,
    /// WebGPU was asked for an adapter, and failed.
    #[error("WebGPU did not answer")]
    Silent,
    /// WebGPU has no adapter.
    #[error("WebGPU found no graphics card it can use")]
    NoCard,
    /// The adapter is a program.
    #[error("WebGPU would run in software ({name}), which is slower")]
    Software {
        /// What it calls itself.
        name: String,
    },
    /// The adapter gives no device.
    #[error("the GPU refused to start")]
    Refused,
    /// The engine knows no GPU.
    #[error("this program was built without GPU support")]
    NotBuilt,
    /// The self-test found other numbers.
    #[error("the GPU computed wrong numbers in the self-test (off by {off})")]
    Wrong {
        /// How far off, as a share of the right ones' size.
        off: String,
    },
    /// The self-test found no numbers.
    #[error("the GPU computed no numbers at all in the self-test")]
    NoNumbers,
    /// The self-test did not end.
    #[error("the GPU failed in the self-test: {reason}")]
    Failed {
        /// What the driver said.
        reason: String,
    },
}

impl Why {
    /// As one engine hands it to another, through JavaScript: a word, and after a colon what belongs to it.
    #[must_use]
    pub fn code(&self) -> String {
        let word = match self {
            Self::Passed => "passed",
            Self::Chosen => "chosen",
            Self::Insecure => "insecure",
            Self::Absent => "absent",
            Self::Silent => "silent",
            Self::NoCard => "no-card",
            Self::Software { name } => return format!("software:{name}"),
            Self::Refused => "refused",
            Self::NotBuilt => "not-built",
            Self::Wrong { off } => return format!("wrong:{off}"),
            Self::NoNumbers => "no-numbers",
            Self::Failed { reason } => return format!("failed:{reason}"),
        };
        word.to_owned()
    }

    /// The reason of a code; one that nobody knows is what failed.
    #[must_use]
    pub fn of_code(code: &str) -> Self {
        let (word, rest) = code.split_once(':').unwrap_or((code, ""));
        match word {
            "passed" => Self::Passed,
            "chosen" => Self::Chosen,
            "insecure" => Self::Insecure,
            "absent" => Self::Absent,
            "silent" => Self::Silent,
            "no-card" => Self::NoCard,
            "software" => Self::Software { name: rest.into() },
            "refused" => Self::Refused,
            "not-built" => Self::NotBuilt,
            "wrong" => Self::Wrong { off: rest.into() },
            "no-numbers" => Self::NoNumbers,
            "failed" => Self::Failed {
                reason: rest.into(),
            },
            _ => Self::Failed {
                reason: code.into(),
            },
        }
    }

    /// One of each, for tests of what is said of them.
    #[must_use]
    pub fn each() -> Vec<Self> {
        vec![
            Self::Passed,
            Self::Chosen,
            Self::Insecure,
            Self::Absent,
            Self::Silent,
            Self::NoCard,
            Self::Software {
                name: "SwiftShader: 5".into(),
            },
            Self::Refused,
            Self::NotBuilt,
            Self::Wrong { off: "0.30".into() },
            Self::NoNumbers,
            Self::Failed {
                reason: "device lost".into(),
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back() {
        for why in Why::each() {
            assert_eq!(Why::of_code(&why.code()), why);
        }
        let reason = "a driver's own words".to_owned();
        assert_eq!(Why::of_code(&reason), Why::Failed { reason });
    }
}
