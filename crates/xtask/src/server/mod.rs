//! A small static file server: for `cargo xtask serve`, and for the browser tests, which make it misbehave.
//!
//! One connection, one thread, one answer; no keep-alive. For this machine's browser only.

mod answer;
mod mime;
mod packed;
mod request;
mod site;

pub use answer::Fault;
pub use site::Site;

use anyhow::Result;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A running server; it stops when dropped.
#[derive(Debug)]
pub struct Server {
    at: SocketAddr,
    prefix: String,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves a site on any free port.
    ///
    /// # Errors
    /// When there is no port.
    pub fn on_free_port(site: Site) -> Result<Self> {
        Self::start(TcpListener::bind("127.0.0.1:0")?, site)
    }

    /// Serves a site.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn start(listener: TcpListener, site: Site) -> Result<Self> {
        let at = listener.local_addr()?;
        let prefix = site.prefix().to_owned();
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, site) = (stop.clone(), Arc::new(site));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                let site = site.clone();
                // A browser that goes away in the middle is no error of ours.
                std::thread::spawn(move || drop(converse(&stream, &site)));
            }
        });
        Ok(Self {
            at,
            prefix,
            stop,
            thread: Some(thread),
        })
    }

    /// The site's address, with a slash at its end.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://localhost:{}{}", self.at.port(), self.prefix)
    }

    /// Serves until the process ends.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener, so that it sees the flag.
        let _ = TcpStream::connect(self.at);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn converse(stream: &TcpStream, site: &Site) -> std::io::Result<()> {
    // Browsers open connections in advance and may never use them.
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let Some(request) = request::read(stream)? else {
        return Ok(());
    };
    answer::give(stream, &request, site)
}

#[cfg(test)]
mod tests;
