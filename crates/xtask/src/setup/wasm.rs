//! A compiler for `wasm32-unknown-unknown`: rustup's std, else Debian's compiler with std built from source.

use super::apt;
use crate::shell;
use anyhow::{Result, bail};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// The target of both wasm files.
pub const TARGET: &str = "wasm32-unknown-unknown";

const RUSTC: &str = "/usr/bin/rustc";
const PACKAGES: [&str; 5] = [
    "rustc-web",
    "rust-web-src",
    "rust-web-llvm",
    "lld-22",
    "rust-web-clippy",
];
/// In a compiler's folder.
const SOURCES: &str = "lib/rustlib/src/rust/library/std/Cargo.toml";
/// `rust-version` of the workspace: an older Debian compiler is of no use.
const MINIMUM: (u32, u32) = (1, 95);

/// Which compiler builds for wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The ordinary one: this toolchain has std for wasm.
    Rustup,
    /// Debian's compiler; std is built along.
    Debian,
}

impl Toolchain {
    /// Makes any cargo, or a tool that calls one, build for wasm.
    pub fn apply(self, command: &mut Command) {
        if self == Self::Debian {
            command
                .env("RUSTC", RUSTC)
                .env("RUSTDOC", "/usr/bin/rustdoc");
            Self::build_std(command);
        }
    }

    /// Makes any cargo build std along, from its sources.
    pub(crate) fn build_std(command: &mut Command) {
        command
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
    }

    /// Whether those sources are here.
    pub(crate) fn has_std_sources(self) -> bool {
        let rustc = match self {
            Self::Debian => RUSTC.into(),
            Self::Rustup => rustc(),
        };
        let sysroot = shell::ask(Command::new(rustc).args(["--print", "sysroot"]));
        let root = |path: String| Path::new(&path).join(SOURCES).exists();
        sysroot.is_some_and(root)
    }

    /// `cargo <subcommand>` for wasm.
    pub(crate) fn cargo(self, subcommand: &str) -> Command {
        let mut command = match (self, subcommand) {
            // Clippy must be of the compiler's version; it calls the cargo that $CARGO names.
            (Self::Debian, "clippy") => Command::new("/usr/bin/cargo-clippy"),
            _ => shell::cargo(),
        };
        command.arg(subcommand);
        self.apply(&mut command);
        if (self, subcommand) == (Self::Debian, "test") {
            command.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort,test");
        }
        command.args(["--target", TARGET]);
        command
    }
}

/// Takes what is there, else installs.
///
/// # Errors
/// When neither way works; the message says what to install.
pub fn find_or_install() -> Result<Toolchain> {
    if rustup_is_ready() {
        return Ok(with_sources());
    }
    if debian_is_ready() {
        return Ok(Toolchain::Debian);
    }
    if shell::on_path("rustup").is_some() {
        println!("setup: this toolchain has no std for {TARGET}; asking rustup for it");
        let added = shell::run(Command::new("rustup").args(["target", "add", TARGET]));
        if added.is_ok() && rustup_is_ready() {
            return Ok(with_sources());
        }
    }
    if apt::is_here() {
        println!("setup: rustup cannot give it; taking Debian's compiler, which builds std itself");
        apt::install(&PACKAGES)?;
        if debian_is_ready() {
            return Ok(Toolchain::Debian);
        }
    }
    bail!(
        "no compiler for {TARGET}. Install Rust {}.{} or newer from https://rustup.rs and run \
         `rustup target add {TARGET}`; or on Debian: apt-get install {}",
        MINIMUM.0,
        MINIMUM.1,
        PACKAGES.join(" ")
    )
}

/// The ordinary toolchain, with the sources of std if rustup can give them: the engine with threads needs a std of its own.
/// Without them all else is built.
fn with_sources() -> Toolchain {
    if !Toolchain::Rustup.has_std_sources() && shell::on_path("rustup").is_some() {
        println!(
            "setup: this toolchain has no sources of std, which threads need; asking rustup for them"
        );
        if let Err(error) =
            shell::run(Command::new("rustup").args(["component", "add", "rust-src"]))
        {
            println!("setup: {error:#}");
        }
    }
    Toolchain::Rustup
}

fn rustup_is_ready() -> bool {
    shell::ask(Command::new(rustc()).args(["--print", "target-libdir", "--target", TARGET]))
        .is_some_and(|dir| Path::new(&dir).is_dir())
}

/// The ordinary compiler.
fn rustc() -> OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

fn debian_is_ready() -> bool {
    let parts = [
        RUSTC,
        "/usr/bin/rust-lld",
        "/usr/bin/cargo-clippy",
        "/usr/lib/rustlib/src/rust/library/std/Cargo.toml",
    ];
    parts.iter().all(|part| Path::new(part).exists())
        && shell::ask(Command::new(RUSTC).arg("--version"))
            .and_then(|text| version(&text))
            .is_some_and(|found| found >= MINIMUM)
}

/// `rustc 1.96.0 (...)` as (1, 96).
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split_whitespace().nth(1)?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    #[test]
    fn versions_compare_by_number() {
        assert!(super::version("rustc 1.100.0 (x 2027-01-01)") > Some(super::MINIMUM));
        assert_eq!(super::version("rustc nonsense"), None);
    }
}
