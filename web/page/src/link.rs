//! The whole state in the address: what a link holds, how it is written and read.
//!
//! Links come from anywhere and from older versions, so nothing in them is trusted: what is unknown or out of
//! range is dropped, and [`left_out`] says so in one sentence.

mod percent;

use atlas_affect::card::VectorsCard;
use atlas_protocol::{Catalogue, Sampling, Setting};
use percent::{decode, encode};

/// Longest text or prompt taken from (or written into) an address, in characters.
pub const LONGEST: usize = 60_000;

/// Most emotions a link may push.
const MOST_PUSHES: usize = 24;

/// Panel in front on a phone; on a projector, where the map stays, `Read` or `Steer`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// The map.
    #[default]
    Map,
    /// The text.
    Read,
    /// The steering.
    Steer,
}

impl Tab {
    /// As written in links and in the page's attributes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Read => "read",
            Self::Steer => "steer",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Map, Self::Read, Self::Steer]
            .into_iter()
            .find(|t| t.name() == name)
    }
}

/// One emotion of the rack, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkPush {
    /// The emotion.
    pub emotion: String,
    /// Whether it is switched on.
    pub on: bool,
    /// Strength in percent of the mean residual norm.
    pub percent: f32,
}

/// What a link says; `None` is "as the page starts".
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    /// Folder of the model.
    pub model: Option<String>,
    /// Text to read; none is the stored example.
    pub text: Option<String>,
    /// How the text is given.
    pub setting: Option<Setting>,
    /// The selected emotion.
    pub emotion: Option<String>,
    /// The layer.
    pub layer: Option<u16>,
    /// The rack.
    pub rack: Option<Vec<LinkPush>>,
    /// The prompt.
    pub prompt: Option<String>,
    /// How the prompt is given.
    pub prompt_setting: Option<Setting>,
    /// How tokens are drawn.
    pub sampling: Option<Sampling>,
    /// The panel in front.
    pub tab: Option<Tab>,
}

/// Writes a link's part after the `#`.
#[must_use]
pub fn write(link: &Link) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut put = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            out.push(format!("{key}={}", encode(&value)));
        }
    };
    put("m", link.model.clone());
    put("e", link.emotion.clone());
    put("l", link.layer.map(|l| l.to_string()));
    put(
        "s",
        link.rack
            .as_ref()
            .map(|rack| rack.iter().map(write_push).collect::<Vec<_>>().join(",")),
    );
    put("p", link.prompt.clone().map(cut));
    put("pas", link.prompt_setting.map(setting_name));
    if let Some(s) = &link.sampling {
        put("seed", Some(s.seed.to_string()));
        put("temp", Some(s.temperature.to_string()));
        put("k", Some(s.top_k.to_string()));
        put("top", Some(s.top_p.to_string()));
        put("rep", Some(s.repetition_penalty.to_string()));
        put("n", Some(s.max_tokens.to_string()));
    }
    put("as", link.setting.map(setting_name));
    put("tab", link.tab.map(|t| t.name().to_owned()));
    put("t", link.text.clone().map(cut));
    out.join("&")
}

/// Reads what follows the `#`, and names what could not be read.
#[must_use]
pub fn read(hash: &str) -> (Link, Vec<String>) {
    let mut link = Link::default();
    let mut dropped = Vec::new();
    let mut sampling = Sampling::default();
    let mut sampled = false;
    for part in hash
        .trim_start_matches('#')
        .split('&')
        .filter(|p| !p.is_empty())
    {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let value = decode(value);
        let mut number = |low: f32, high: f32, set: &mut dyn FnMut(f32)| match value.parse::<f32>()
        {
            Ok(v) if v >= low && v <= high => {
                set(v);
                sampled = true;
                true
            }
            _ => false,
        };
        let good = match key {
            "m" => some(
                &mut link.model,
                Some(value.clone()).filter(|v| v.len() <= 100),
            ),
            "e" => some(
                &mut link.emotion,
                Some(value.clone()).filter(|v| v.len() <= 60),
            ),
            "l" => some(&mut link.layer, value.parse().ok()),
            "s" => some(&mut link.rack, read_rack(&value)),
            "t" => some(
                &mut link.text,
                Some(cut(value.clone())).filter(|t| !t.trim().is_empty()),
            ),
            "p" => some(&mut link.prompt, Some(cut(value.clone()))),
            "as" => some(&mut link.setting, setting_named(&value)),
            "pas" => some(&mut link.prompt_setting, setting_named(&value)),
            "tab" => some(&mut link.tab, Tab::named(&value)),
            "seed" => match value.parse() {
                Ok(seed) => {
                    sampling.seed = seed;
                    sampled = true;
                    true
                }
                Err(_) => false,
            },
            "temp" => number(0.0, 2.0, &mut |v| sampling.temperature = v),
            "top" => number(0.01, 1.0, &mut |v| sampling.top_p = v),
            "rep" => number(1.0, 2.0, &mut |v| sampling.repetition_penalty = v),
            "k" => number(0.0, 1000.0, &mut |v| sampling.top_k = whole(v)),
            "n" => number(1.0, 1024.0, &mut |v| sampling.max_tokens = whole(v)),
            _ => false,
        };
        if !good {
            dropped.push(label(key, &value));
        }
    }
    link.sampling = sampled.then_some(sampling);
    (link, dropped)
}

/// Drops what the catalogue does not list.
pub fn check_model(link: &mut Link, catalogue: &Catalogue, dropped: &mut Vec<String>) {
    if let Some(model) = link
        .model
        .take_if(|m| !catalogue.models.iter().any(|e| e.id == *m))
    {
        dropped.push(label("m", &model));
    }
}

/// Drops what the model's vectors do not have, and brings strengths within the page's limit.
pub fn check_vectors(link: &mut Link, card: &VectorsCard, dropped: &mut Vec<String>) {
    if let Some(name) = link.emotion.take_if(|n| card.index_of(n).is_none()) {
        dropped.push(label("e", &name));
    }
    if let Some(layer) = link
        .layer
        .take_if(|l| usize::from(*l) >= card.geometry.len())
    {
        dropped.push(label("l", &layer.to_string()));
    }
    let limit = (card.steering.limit * 100.0).round();
    for push in link.rack.iter_mut().flatten() {
        if push.percent.abs() > limit + 0.01 {
            dropped.push(format!(
                "the strength {} of {}",
                push.percent,
                shown(&push.emotion)
            ));
            push.percent = push.percent.clamp(-limit, limit);
        }
    }
    if let Some(rack) = &mut link.rack {
        rack.retain(|push| {
            let known = card.index_of(&push.emotion).is_some();
            if !known {
                dropped.push(label("e", &push.emotion));
            }
            known
        });
    }
}

/// One sentence on what was left out; nothing when nothing was.
#[must_use]
pub fn left_out(dropped: &[String]) -> Option<String> {
    let named = dropped
        .iter()
        .take(4)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    let more = dropped.len().saturating_sub(4);
    match (dropped.len(), more) {
        (0, _) => None,
        (_, 0) => Some(format!(
            "This link does not fit this version of the page. Left out: {named}."
        )),
        (_, n) => Some(format!(
            "This link does not fit this version of the page. Left out: {named} and {n} more."
        )),
    }
}

fn some<T>(slot: &mut Option<T>, value: Option<T>) -> bool {
    let found = value.is_some();
    if found {
        *slot = value;
    }
    found
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to lie between 0 and 1024"
)]
fn whole(value: f32) -> u32 {
    value as u32
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => text[..at].to_owned(),
        None => text,
    }
}

fn write_push(push: &LinkPush) -> String {
    format!(
        "{}:{}{}",
        push.emotion,
        push.percent,
        if push.on { "" } else { ":off" }
    )
}

fn read_rack(value: &str) -> Option<Vec<LinkPush>> {
    let pushes = value.split(',').filter(|p| !p.is_empty()).map(|part| {
        let mut fields = part.split(':');
        let (emotion, percent, off) = (fields.next()?, fields.next()?, fields.next());
        let percent: f32 = percent.parse().ok().filter(|p: &f32| p.is_finite())?;
        Some(LinkPush {
            emotion: emotion.to_owned(),
            on: off != Some("off"),
            percent: percent.round(),
        })
    });
    let mut rack: Vec<LinkPush> = Vec::new();
    for push in pushes.take(MOST_PUSHES) {
        let push = push?;
        if !rack.iter().any(|p| p.emotion == push.emotion) {
            rack.push(push);
        }
    }
    Some(rack)
}

fn setting_name(setting: Setting) -> String {
    match setting {
        Setting::Plain => "plain",
        Setting::Chat => "chat",
    }
    .to_owned()
}

fn setting_named(name: &str) -> Option<Setting> {
    match name {
        "plain" => Some(Setting::Plain),
        "chat" => Some(Setting::Chat),
        _ => None,
    }
}

/// A dropped value in words. Strangers' text is quoted, short, and free of control characters.
fn label(key: &str, value: &str) -> String {
    let what = match key {
        "m" => "the model",
        "e" => "the emotion",
        "l" => "the layer",
        "s" => "the steering",
        "t" => return "the text".to_owned(),
        "p" => return "the prompt".to_owned(),
        "as" | "pas" => "the setting",
        "seed" => "the seed",
        "temp" => "the temperature",
        "k" | "top" | "rep" | "n" => "the sampling value",
        "tab" => "the panel",
        other => return format!("“{}”", shown(other)),
    };
    format!("{what} “{}”", shown(value))
}

fn shown(value: &str) -> String {
    let clean: String = value.chars().filter(|c| !c.is_control()).collect();
    match clean.char_indices().nth(24) {
        Some((at, _)) => format!("{}…", &clean[..at]),
        None => clean,
    }
}

#[cfg(test)]
mod tests;
