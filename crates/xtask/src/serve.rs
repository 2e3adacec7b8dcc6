//! `cargo xtask serve`.

use crate::{
    cli::Options,
    engine,
    place::Place,
    server::{Server, Site},
    setup, shell, site,
};
use anyhow::{Context, Result};
use std::net::TcpListener;
use std::process::Command;

const PORT: u16 = 8080;

/// Sets up, builds, serves until stopped.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    // First of all: a port that is taken should not be found out after minutes of building.
    let listener = listen(options.port)?;
    let kit = setup::for_building(place)?;
    let mut files = Site::new(place.dist()).under(&options.sub_path);
    let watcher = if options.dev {
        engine::build(place, &kit)?;
        files = files.with_folder("models", place.root.join("models"));
        Some(
            site::trunk(place, &kit)?
                .args(["watch"])
                .spawn()
                .context("trunk watch")?,
        )
    } else {
        site::build(place, &kit)?;
        None
    };
    let server = Server::start(listener, files)?;
    let address = server.address();
    println!("\nEmotion Atlas is at {address}\nCtrl-C stops it.");
    if !options.no_open {
        open(&address);
    }
    if let Some(mut watcher) = watcher {
        watcher.wait()?;
    }
    server.wait();
    Ok(())
}

/// The port that was asked for, or the first free one from the usual one on.
fn listen(asked: Option<u16>) -> Result<TcpListener> {
    let Some(port) = asked else {
        let free = (PORT..PORT + 20).find_map(|port| TcpListener::bind(("127.0.0.1", port)).ok());
        return free.context("no free port from 8080 to 8099; name one with --port");
    };
    TcpListener::bind(("127.0.0.1", port)).with_context(|| {
        format!(
            "port {port} cannot be had; close the program that uses it, or name another with --port"
        )
    })
}

/// Opens the default browser; where there is none, the printed address is enough.
fn open(address: &str) {
    let opener = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    if shell::on_path(opener).is_some() {
        let _ = Command::new(opener).arg(address).spawn();
    }
}
