//! Starting Chromium.

use crate::child;
use crate::{Tab, cdp::Connection};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Whether the browser offers WebGPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gpu {
    /// No WebGPU: the engine runs on the CPU.
    None,
    /// WebGPU on a software adapter: right, and slow.
    SwiftShader,
}

/// A running browser with a profile of its own; both are gone when it is dropped.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    profile: PathBuf,
    endpoint: String,
}

const ALWAYS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--remote-debugging-port=0",
];
const WEBGPU: [&str; 4] = [
    "--enable-unsafe-webgpu",
    "--enable-features=Vulkan",
    "--use-webgpu-adapter=swiftshader",
    "--ignore-gpu-blocklist",
];
static COUNT: AtomicU32 = AtomicU32::new(0);

impl Browser {
    /// Starts a browser with an empty profile.
    ///
    /// # Errors
    /// When there is none, or it does not come up.
    pub fn start(gpu: Gpu, more: &[&str]) -> Result<Self> {
        let browser = xtask::setup::chromium::find_or_install()?.browser;
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let profile =
            std::env::temp_dir().join(format!("atlas-chromium-{}-{number}", std::process::id()));
        fs::create_dir_all(&profile)?;
        let gpu_flags = if gpu == Gpu::SwiftShader {
            &WEBGPU[..]
        } else {
            &["--disable-gpu"]
        };
        let child = Command::new(browser)
            .args(ALWAYS)
            .args(gpu_flags)
            .args(more)
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("Chromium")?;
        let mut browser = Self {
            child,
            profile,
            endpoint: String::new(),
        };
        browser.endpoint = browser.await_endpoint()?;
        Ok(browser)
    }

    /// Opens an empty tab of the given size.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn tab(&self, width: u32, height: u32) -> Result<Tab> {
        let mut connection = Connection::open(&self.endpoint)?;
        let target = connection.call(
            None,
            "Target.createTarget",
            &json!({ "url": "about:blank" }),
        )?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = connection.call(None, "Target.attachToTarget", &attach)?;
        let session = attached["sessionId"]
            .as_str()
            .context("no session")?
            .to_owned();
        Tab::new(connection, session, width, height)
    }

    /// Most memory (bytes) that the process of any of its tabs ever held, without the browser's own program; none where
    /// that is not told.
    #[must_use]
    pub fn peak_bytes(&self) -> Option<u64> {
        crate::memory::peak_of_tabs(self.child.id())
    }

    /// The browser writes where it listens into its profile.
    fn await_endpoint(&mut self) -> Result<String> {
        let file = self.profile.join("DevToolsActivePort");
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(30) {
            if let Ok(text) = fs::read_to_string(&file)
                && let Some((port, path)) = text.split_once('\n')
            {
                return Ok(format!("ws://127.0.0.1:{port}{}", path.trim()));
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("Chromium ended at once ({status})");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("Chromium did not come up")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        child::end(&mut self.child, &self.profile);
    }
}
