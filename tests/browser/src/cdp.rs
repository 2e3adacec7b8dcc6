//! The DevTools protocol: numbered calls and their answers, and events in between.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::net::TcpStream;
use std::time::Duration;
use tungstenite::{Message, WebSocket, client::client_with_config, protocol::WebSocketConfig};

/// A connection to a browser.
pub(crate) struct Connection {
    socket: WebSocket<TcpStream>,
    next: u64,
    /// Events that nobody has looked at yet.
    pub events: Vec<Value>,
}

impl Connection {
    pub fn open(endpoint: &str) -> Result<Self> {
        let host = endpoint
            .strip_prefix("ws://")
            .and_then(|rest| rest.split('/').next());
        let stream = TcpStream::connect(host.context("no ws:// address")?)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        stream.set_nodelay(true)?;
        // Screenshots are large.
        let config = WebSocketConfig::default()
            .max_message_size(Some(256 << 20))
            .max_frame_size(Some(256 << 20));
        let (socket, _) = client_with_config(endpoint, stream, Some(config))
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        Ok(Self {
            socket,
            next: 0,
            events: Vec::new(),
        })
    }

    /// Calls a method and waits for its answer; what else arrives is kept in `events`.
    pub fn call(&mut self, session: Option<&str>, method: &str, params: &Value) -> Result<Value> {
        let id = self.send(session, method, params)?;
        loop {
            let message = self
                .read()
                .with_context(|| format!("no answer to {method}"))?;
            if message["id"] == id {
                if let Some(error) = message.get("error") {
                    bail!("{method}: {error}");
                }
                return Ok(message["result"].clone());
            }
            // Answers to calls that nobody waited for have an id; events have a method.
            if message.get("method").is_some() {
                self.events.push(message);
            }
        }
    }

    /// Calls a method and does not wait.
    pub fn send(&mut self, session: Option<&str>, method: &str, params: &Value) -> Result<u64> {
        self.next += 1;
        let mut message = json!({ "id": self.next, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(message.to_string()))?;
        Ok(self.next)
    }

    fn read(&mut self) -> Result<Value> {
        loop {
            if let Message::Text(text) = self.socket.read()? {
                return Ok(serde_json::from_str(text.as_str())?);
            }
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Connection({} calls)", self.next)
    }
}
