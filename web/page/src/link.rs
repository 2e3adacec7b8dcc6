//! The whole state in the address: what a link holds, how it is written and read.
//!
//! Links come from anywhere and from older versions, so nothing in them is trusted: what is unknown or out of
//! range is dropped, and [`left_out`] says so in one sentence.

mod how;
mod look;
mod map;
mod percent;

use atlas_affect::card::VectorsCard;
use atlas_protocol::{Catalogue, Sampling, Setting};
pub use map::MapLink;
use percent::{decode, encode};

use crate::read::look::Look;
use crate::steer::how::How;
use crate::text::{fill, t};

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
    /// How it is steered, besides the rack.
    pub how: Option<How>,
    /// How the text is looked at, and what it is compared with.
    pub look: Option<Look>,
    /// The panel in front.
    pub tab: Option<Tab>,
    /// Step of the lesson that is open, from 1.
    pub lesson: Option<u16>,
    /// Whether class mode is on.
    pub class: bool,
    /// A result that came along, as written (see `share::carry`).
    pub result: Option<String>,
    /// What the map shows.
    pub map: MapLink,
}

impl Link {
    /// Whether it says nothing of what is shown, but for the model and how: then a lesson sets the page up itself.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        let bare = Self {
            model: self.model.clone(),
            lesson: self.lesson,
            class: self.class,
            ..Self::default()
        };
        *self == bare
    }
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
    let look = link.look.iter().flat_map(look::write);
    for (key, value) in link.how.iter().flat_map(how::write).chain(look) {
        put(key, Some(value));
    }
    put("as", link.setting.map(setting_name));
    put("tab", link.tab.map(|t| t.name().to_owned()));
    put("lesson", link.lesson.map(|l| l.to_string()));
    put("class", link.class.then(|| "1".to_owned()));
    link.map.write(&mut put);
    put("t", link.text.clone().map(cut));
    put("r", link.result.clone());
    out.join("&")
}

/// Reads what follows the `#`, and names what could not be read.
#[must_use]
pub fn read(hash: &str) -> (Link, Vec<String>) {
    let mut link = Link::default();
    let mut dropped = Vec::new();
    let mut sampling = Sampling::default();
    let mut sampled = false;
    let mut way = How::default();
    let mut steered = false;
    let mut seen = Look::default();
    let mut looked = false;
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
            "lesson" => some(
                &mut link.lesson,
                value.parse().ok().filter(|l| (1..=99).contains(l)),
            ),
            "class" => {
                link.class = value == "1";
                link.class || value == "0"
            }
            "r" => some(&mut link.result, Some(value.clone())),
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
            _ => match (
                how::read(&mut way, key, &value),
                look::read(&mut seen, key, &value),
            ) {
                (Some(good), _) => {
                    steered |= good;
                    good
                }
                (None, Some(good)) => {
                    looked |= good;
                    good
                }
                (None, None) => link.map.read(key, &value),
            },
        };
        if !good {
            dropped.push(label(key, &value));
        }
    }
    link.sampling = sampled.then_some(sampling);
    link.how = steered.then_some(way);
    link.look = looked.then_some(seen);
    (link, dropped)
}

/// Drops what the catalogue does not list.
pub fn check_model(link: &mut Link, catalogue: &Catalogue, dropped: &mut Vec<String>) {
    link.map.check_model(catalogue, dropped);
    if let Some(model) = link
        .model
        .take_if(|m| !catalogue.models.iter().any(|e| e.id == *m))
    {
        dropped.push(label("m", &model));
    }
}

/// Drops what the model's vectors do not have, and brings strengths within the page's limit.
pub fn check_vectors(link: &mut Link, card: &VectorsCard, dropped: &mut Vec<String>) {
    link.map.check_vectors(card, dropped);
    if let Some(name) = link.emotion.take_if(|n| card.index_of(n).is_none()) {
        dropped.push(label("e", &name));
    }
    if let Some(layer) = link
        .layer
        .take_if(|l| usize::from(*l) >= card.geometry.len())
    {
        dropped.push(label("l", &layer.to_string()));
    }
    if let Some(how) = &mut link.how
        && let Some((from, to)) = how
            .layers
            .take_if(|(_, to)| usize::from(*to) >= card.geometry.len())
    {
        dropped.push(label("at", &format!("{from}-{to}")));
    }
    let limit = (card.steering.limit * 100.0).round();
    for push in link.rack.iter_mut().flatten() {
        if push.percent.abs() > limit + 0.01 {
            dropped.push(fill(
                "link.strength",
                &[("percent", &push.percent), ("name", &shown(&push.emotion))],
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
        (_, 0) => Some(fill("link.left-out", &[("named", &named)])),
        // What strangers wrote comes last, so that nothing is filled into it.
        (_, n) => Some(fill("link.left-out-more", &[("n", &n), ("named", &named)])),
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
            percent: (percent * 10.0).round() / 10.0,
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
        Setting::Dialogue => "dialogue",
    }
    .to_owned()
}

fn setting_named(name: &str) -> Option<Setting> {
    match name {
        "plain" => Some(Setting::Plain),
        "chat" => Some(Setting::Chat),
        "dialogue" => Some(Setting::Dialogue),
        _ => None,
    }
}

/// A dropped value in words. Strangers' text is quoted, short, and free of control characters.
fn label(key: &str, value: &str) -> String {
    let what = match key {
        "m" => t("link.model"),
        "e" => t("link.emotion"),
        "l" => t("link.layer"),
        "s" => t("link.steering"),
        "t" => return t("link.text").to_owned(),
        "p" => return t("link.prompt").to_owned(),
        "as" | "pas" => t("link.setting"),
        "seed" => t("link.seed"),
        "temp" => t("link.temperature"),
        "k" | "top" | "rep" | "n" => t("link.sampling"),
        "way" | "on" | "control" => t("link.way"),
        "at" => t("link.layers"),
        "view" | "scale" | "rows" | "by" => t("link.view"),
        "tab" => t("link.panel"),
        "lesson" => t("link.lesson"),
        "class" => t("link.class"),
        "map" => t("link.map"),
        "groups" => t("link.groups"),
        "set" | "sum" => t("link.emotions"),
        "with" => t("link.other-model"),
        other => return fill("link.other", &[("key", &shown(other))]),
    };
    fill("link.quoted", &[("what", &what), ("value", &shown(value))])
}

fn shown(value: &str) -> String {
    let clean: String = value.chars().filter(|c| !c.is_control()).collect();
    match clean.char_indices().nth(24) {
        Some((at, _)) => format!("{}…", &clean[..at]),
        None => clean,
    }
}

#[cfg(test)]
pub(crate) mod tests;
