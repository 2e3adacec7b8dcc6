//! One tab: going somewhere, asking the page, clicking, looking.

use crate::cdp::Connection;
use crate::child::{self, STATE};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Runs before any script of the page. Notes when the map was there, and every long task.
const WATCH: &str = r"
    window.__map = null; window.__long = [];
    new PerformanceObserver(list => { for (const e of list.getEntries()) __long.push([e.startTime, e.duration]) })
        .observe({ type: 'longtask', buffered: true });
    const look = () => {
        if (document.querySelectorAll('#map-sheet .pt').length >= 171) __map = performance.now();
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
";

/// A tab.
#[derive(Debug)]
pub struct Tab {
    connection: Connection,
    session: String,
    complaints: Vec<String>,
}

/// Asks to be told of workers.
fn follow() -> Value {
    json!({ "autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true })
}

impl Tab {
    pub(crate) fn new(
        mut connection: Connection,
        session: String,
        width: u32,
        height: u32,
    ) -> Result<Self> {
        let s = Some(session.as_str());
        for domain in ["Page.enable", "Runtime.enable", "Log.enable"] {
            connection.call(s, domain, &json!({}))?;
        }
        connection.call(
            s,
            "Page.addScriptToEvaluateOnNewDocument",
            &json!({ "source": WATCH }),
        )?;
        // The engine's worker is a target of its own, with a console of its own.
        connection.call(s, "Target.setAutoAttach", &follow())?;
        let mut tab = Self {
            connection,
            session,
            complaints: Vec::new(),
        };
        tab.resize(width, height, false)?;
        Ok(tab)
    }

    /// Sets the size of the page.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn resize(&mut self, width: u32, height: u32, phone: bool) -> Result<()> {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone });
        self.call("Emulation.setDeviceMetricsOverride", &size)?;
        self.call(
            "Emulation.setTouchEmulationEnabled",
            &json!({ "enabled": phone }),
        )?;
        Ok(())
    }

    /// Goes to an address and waits until its document is there.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub fn go(&mut self, address: &str) -> Result<()> {
        // Only the fragment differs: a browser would stay on the page.
        self.call("Page.navigate", &json!({ "url": "about:blank" }))?;
        let answer = self.call("Page.navigate", &json!({ "url": address }))?;
        if let Some(error) = answer["errorText"].as_str() {
            bail!("{address}: {error}");
        }
        self.wait("document.readyState == 'complete'", 20)
    }

    /// Value of a JavaScript expression; promises are awaited.
    ///
    /// # Errors
    /// When it throws.
    pub fn eval(&mut self, expression: &str) -> Result<Value> {
        let params =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", &params)?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            bail!(
                "`{expression}` threw {}",
                thrown["exception"]["description"]
            );
        }
        Ok(answer["result"]["value"].clone())
    }

    /// An expression's value as a number (NaN when it is none).
    ///
    /// # Errors
    /// When it throws.
    pub fn number(&mut self, expression: &str) -> Result<f64> {
        Ok(self.eval(expression)?.as_f64().unwrap_or(f64::NAN))
    }

    /// An expression's value as text.
    ///
    /// # Errors
    /// When it throws.
    pub fn text(&mut self, expression: &str) -> Result<String> {
        Ok(match self.eval(expression)? {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        })
    }

    /// Visible text of an element.
    ///
    /// # Errors
    /// When there is no such element.
    pub fn words(&mut self, selector: &str) -> Result<String> {
        self.text(&format!(
            "document.querySelector({}).innerText",
            json!(selector)
        ))
    }

    /// Waits until an expression is true.
    ///
    /// # Errors
    /// When it is not, in that many seconds; the message shows the page's own problem and the console.
    pub fn wait(&mut self, expression: &str, seconds: u64) -> Result<()> {
        let start = Instant::now();
        loop {
            // While a page loads there may be no context to ask.
            if self
                .eval(&format!("!!({expression})"))
                .is_ok_and(|v| v == true)
            {
                return Ok(());
            }
            if start.elapsed() > Duration::from_secs(seconds) {
                let _ = self.screenshot("waited-in-vain");
                let state = self.text(STATE);
                bail!(
                    "waited {seconds} s in vain for `{expression}`; page: {}; console: {:?}",
                    state.unwrap_or_default(),
                    self.complaints()
                );
            }
            std::thread::sleep(Duration::from_millis(40));
        }
    }

    /// Clicks an element with the mouse.
    ///
    /// # Errors
    /// When there is none, or it has no size.
    pub fn click(&mut self, selector: &str) -> Result<()> {
        let place = self.eval(&format!(
            "(() => {{ const e = document.querySelector({}); if (!e) return null; \
             e.scrollIntoView({{ block: 'nearest' }}); const r = e.getBoundingClientRect(); \
             return r.width && r.height ? [r.x + r.width / 2, r.y + r.height / 2] : null }})()",
            json!(selector)
        ))?;
        let (x, y) = (place[0].as_f64(), place[1].as_f64());
        let (x, y) = x
            .zip(y)
            .with_context(|| format!("nothing to click at {selector}"))?;
        self.mouse("mouseMoved", x, y)?;
        self.mouse("mousePressed", x, y)?;
        self.mouse("mouseReleased", x, y)
    }

    /// One event of the mouse.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn mouse(&mut self, kind: &str, x: f64, y: f64) -> Result<()> {
        let button = if kind == "mouseMoved" { "none" } else { "left" };
        let event = json!({ "type": kind, "x": x, "y": y, "button": button, "clickCount": 1 });
        self.call("Input.dispatchMouseEvent", &event)?;
        Ok(())
    }

    /// Moves the mouse with its button down.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn mouse_held(&mut self, x: f64, y: f64) -> Result<()> {
        let event = json!({ "type": "mouseMoved", "x": x, "y": y, "button": "left", "buttons": 1 });
        self.call("Input.dispatchMouseEvent", &event)?;
        Ok(())
    }

    /// Puts text into a field, as if it had been pasted in place of what was there.
    ///
    /// # Errors
    /// When there is no such field.
    pub fn fill(&mut self, selector: &str, text: &str) -> Result<()> {
        self.eval(&format!(
            "(() => {{ const e = document.querySelector({}); e.focus(); \
             const proto = e instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement; \
             Object.getOwnPropertyDescriptor(proto.prototype, 'value').set.call(e, {}); \
             e.dispatchEvent(new Event('input', {{ bubbles: true }})); \
             e.dispatchEvent(new Event('change', {{ bubbles: true }})) }})()",
            json!(selector),
            json!(text)
        ))?;
        Ok(())
    }

    /// Presses a key such as `Enter`.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn key(&mut self, key: &str) -> Result<()> {
        let text = if key == "Enter" { "\r" } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let code = if key == "Enter" { 13 } else { 0 };
            let event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text });
            self.call("Input.dispatchKeyEvent", &event)?;
        }
        Ok(())
    }

    /// Keeps what the tab shows as `target/browser-tests/<name>.png`.
    ///
    /// # Errors
    /// When it cannot be taken or written.
    pub fn screenshot(&mut self, name: &str) -> Result<()> {
        let answer = self.call("Page.captureScreenshot", &json!({ "format": "png" }))?;
        child::keep(name, &answer["data"])
    }

    /// Errors in the console of the page and of its worker so far; asking forgets them.
    pub fn complaints(&mut self) -> Vec<String> {
        let _ = self.eval("0");
        self.hear();
        // Stacks of wasm functions say little and hide the rest.
        let brief = |said: String| {
            said.lines()
                .take(3)
                .collect::<Vec<_>>()
                .join(" ")
                .chars()
                .take(400)
                .collect()
        };
        std::mem::take(&mut self.complaints)
            .into_iter()
            .map(brief)
            .collect()
    }

    /// Calls a method of the DevTools protocol.
    ///
    /// # Errors
    /// When the browser does not answer, or refuses.
    pub fn call(&mut self, method: &str, params: &Value) -> Result<Value> {
        let session = self.session.clone();
        let answer = self.connection.call(Some(&session), method, params);
        self.hear();
        answer
    }

    fn hear(&mut self) {
        for event in std::mem::take(&mut self.connection.events) {
            let what = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Target.attachedToTarget" => {
                    let worker = what["sessionId"].as_str();
                    for domain in ["Runtime.enable", "Log.enable"] {
                        let _ = self.connection.send(worker, domain, &json!({}));
                    }
                    // The workers that this one starts.
                    let _ = self
                        .connection
                        .send(worker, "Target.setAutoAttach", &follow());
                }
                "Runtime.exceptionThrown" => {
                    let details = &what["exceptionDetails"];
                    self.complaints.push(format!(
                        "{} {}",
                        details["text"], details["exception"]["description"]
                    ));
                }
                "Runtime.consoleAPICalled" if what["type"] == "error" => {
                    let said = what["args"].as_array().into_iter().flatten();
                    let said = said.map(|arg| {
                        arg["value"]
                            .as_str()
                            .or(arg["description"].as_str())
                            .unwrap_or("?")
                            .to_owned()
                    });
                    self.complaints.push(said.collect::<Vec<_>>().join(" "));
                }
                "Log.entryAdded" if what["entry"]["level"] == "error" => {
                    self.complaints.push(format!(
                        "{} {}",
                        what["entry"]["text"], what["entry"]["url"]
                    ));
                }
                _ => {}
            }
        }
    }
}
