//! Debian's packages.

use crate::shell;
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Whether this is Debian or a relative of it.
pub(super) fn is_here() -> bool {
    Path::new("/etc/debian_version").exists() && shell::on_path("apt-get").is_some()
}

/// Installs packages; with sudo when this user is not root.
pub(super) fn install(packages: &[&str]) -> Result<()> {
    let apt = || {
        let root = shell::ask(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
        let mut command = if root {
            Command::new("apt-get")
        } else {
            let mut sudo = Command::new("sudo");
            sudo.args(["-E", "apt-get"]);
            sudo
        };
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    // Lists may be absent on a fresh machine; a mirror that fails here may still have the packages.
    if let Err(error) = shell::run(apt().args(["update", "-q"])) {
        eprintln!("{error:#}; trying all the same");
    }
    shell::run(
        apt()
            .args(["install", "-y", "-q", "--no-install-recommends"])
            .args(packages),
    )
}
