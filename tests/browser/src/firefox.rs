//! Firefox, driven over WebDriver BiDi: far less than [`Tab`](crate::Tab) can do, enough to see that the page works there.

use crate::cdp::Connection;
use crate::child::{self, STATE};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Asks no other host for anything, and shows nothing of its own.
const PREFERENCES: &str = r#"
user_pref("app.update.enabled", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.safebrowsing.update.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.systemAddon.update.enabled", false);
user_pref("extensions.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,");
"#;

/// A running Firefox with one page and a profile of its own; both are gone when it is dropped.
#[derive(Debug)]
pub struct Firefox {
    child: Child,
    profile: PathBuf,
    connection: Option<Connection>,
    context: String,
}

impl Firefox {
    /// Starts one with an empty profile.
    ///
    /// # Errors
    /// When there is none, or it does not come up.
    pub fn start(width: u32, height: u32) -> Result<Self> {
        let browser = xtask::setup::firefox::find_or_install()?;
        let profile = std::env::temp_dir().join(format!("atlas-firefox-{}", std::process::id()));
        let _ = fs::remove_dir_all(&profile);
        fs::create_dir_all(&profile)?;
        fs::write(profile.join("user.js"), PREFERENCES)?;
        let child = Command::new(browser)
            .args(["--headless", "--no-remote", "--remote-debugging-port", "0"])
            .arg("--profile")
            .arg(&profile)
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("Firefox")?;
        let mut firefox = Self {
            child,
            profile,
            connection: None,
            context: String::new(),
        };
        let endpoint = firefox.await_endpoint()?;
        firefox.connection = Some(Connection::open(&endpoint)?);
        firefox.call("session.new", &json!({ "capabilities": {} }))?;
        let tree = firefox.call("browsingContext.getTree", &json!({}))?;
        let context = tree["contexts"][0]["context"].as_str();
        firefox.context = context.context("no page")?.to_owned();
        let size =
            json!({ "context": firefox.context, "viewport": { "width": width, "height": height } });
        firefox.call("browsingContext.setViewport", &size)?;
        Ok(firefox)
    }

    fn call(&mut self, method: &str, params: &Value) -> Result<Value> {
        let connection = self.connection.as_mut().context("not connected")?;
        connection.call(None, method, params)
    }

    /// It writes where it listens into its profile.
    fn await_endpoint(&mut self) -> Result<String> {
        let file = self.profile.join("WebDriverBiDiServer.json");
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(60) {
            if let Ok(text) = fs::read_to_string(&file)
                && let Ok(found) = serde_json::from_str::<Value>(&text)
                && let Some(port) = found["ws_port"].as_u64()
            {
                return Ok(format!("ws://127.0.0.1:{port}/session"));
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("Firefox ended at once ({status})");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("Firefox did not come up")
    }

    /// Goes to an address and waits until its document is there.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub fn go(&mut self, address: &str) -> Result<()> {
        let to = json!({ "context": self.context, "url": address, "wait": "complete" });
        self.call("browsingContext.navigate", &to)?;
        Ok(())
    }

    /// Value of a JavaScript expression that JSON can hold; promises are awaited.
    ///
    /// # Errors
    /// When it throws.
    pub fn eval(&mut self, expression: &str) -> Result<Value> {
        let params = json!({
            "expression": format!("(async () => JSON.stringify(await ({expression})) ?? 'null')()"),
            "target": { "context": self.context },
            "awaitPromise": true,
        });
        let answer = self.call("script.evaluate", &params)?;
        if answer["type"] != "success" {
            bail!(
                "`{expression}` threw {}",
                answer["exceptionDetails"]["text"]
            );
        }
        let text = answer["result"]["value"].as_str().unwrap_or("null");
        Ok(serde_json::from_str(text)?)
    }

    /// Waits until an expression is true.
    ///
    /// # Errors
    /// When it is not, in that many seconds; the message shows what the page says.
    pub fn wait(&mut self, expression: &str, seconds: u64) -> Result<()> {
        let start = Instant::now();
        loop {
            if self
                .eval(&format!("!!({expression})"))
                .is_ok_and(|v| v == true)
            {
                return Ok(());
            }
            if start.elapsed() > Duration::from_secs(seconds) {
                let _ = self.screenshot("firefox-waited-in-vain");
                let state = self.eval(STATE);
                bail!("waited {seconds} s in vain for `{expression}`; page: {state:?}");
            }
            std::thread::sleep(Duration::from_millis(40));
        }
    }

    /// Keeps what the page shows as `target/browser-tests/<name>.png`.
    ///
    /// # Errors
    /// When it cannot be taken or written.
    pub fn screenshot(&mut self, name: &str) -> Result<()> {
        let of = json!({ "context": self.context });
        let answer = self.call("browsingContext.captureScreenshot", &of)?;
        child::keep(name, &answer["data"])
    }
}

impl Drop for Firefox {
    fn drop(&mut self) {
        child::end(&mut self.child, &self.profile);
    }
}
