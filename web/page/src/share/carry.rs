//! A result that travels in the link: a reading and two texts, so that the receiver sees them without a model.
//!
//! Written as postcard, deflated, base64url, behind a version number. Of a reading go the values of the emotions in view,
//! and at every token the strongest ones, rounded to 1/32; whatever is not there is not known, and the page says so. What
//! comes from an address is a stranger's: sizes are limited before anything is unpacked, numbers are checked, and text is
//! only ever shown as text.

use std::collections::BTreeSet;

use atlas_affect::card::VectorsCard;
use atlas_protocol::{Exchange, Reading, Setting, wire};
use atlas_units::Layer;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde::{Deserialize, Serialize};

use crate::steer::recipe::Spoken;
use crate::text::t;

/// In front of everything, so that a later layout can be told from this one.
const VERSION: &str = "1.";
/// Longest result taken from an address, in characters; browsers allow more.
const LONGEST: usize = 200_000;
/// Most that it may unpack to, in bytes.
const UNPACKED: usize = 1 << 20;
/// Most tokens of a reading.
const TOKENS: usize = 4096;
/// Most earlier turns of a chat.
const TURNS: usize = 64;
/// Emotions kept at each token.
const STRONGEST: usize = 5;
/// Values are kept in steps of one in this many.
const STEPS: f32 = 32.0;

/// What cannot be shown, in words for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// Written by a later version.
    #[error("{}", t("carry.later"))]
    Later,
    /// Cut short or altered.
    #[error("{}", t("carry.broken"))]
    Broken,
}

/// A result that goes into a link.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Parcel {
    /// Name of the model that computed it.
    pub model: String,
    /// First eight digits of the SHA-256 of its weights.
    pub weights: String,
    reading: Option<PackedReading>,
    /// Plain and steered text, and whether each ended at its limit.
    texts: Option<(String, String, [bool; 2])>,
    /// Written behind the rest, where pages that know nothing of it read no further.
    #[serde(skip)]
    more: More,
}

/// What came later than the first version of a link.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct More {
    /// The text along random vectors, and whether it ended at its limit.
    random: Option<(String, bool)>,
    /// Earlier turns of the chat.
    talk: Vec<Spoken>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct PackedReading {
    source: String,
    chat: bool,
    tokens: Vec<String>,
    skipped: u32,
    layer: u16,
    /// The emotions that the rest speaks of.
    emotions: Vec<String>,
    /// The first so many of them at every token: `rows[emotion][token]`.
    rows: Vec<Vec<i8>>,
    /// At every token, the strongest: index in `emotions`, value.
    strongest: Vec<Vec<(u8, i8)>>,
    /// The way over the map, in steps of `unit`.
    unit: f32,
    path: Vec<[i16; 2]>,
}

/// A reading that came with a link.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// The values that are known; the others are 0.
    pub reading: Reading,
    /// The text that was read.
    pub source: String,
    /// How it was given.
    pub setting: Setting,
    /// Emotions (index in the card) whose values are known at every token.
    pub known: Vec<usize>,
}

/// The steering texts that came with a link.
#[derive(Clone, Debug, PartialEq)]
pub struct Texts {
    /// Not steered.
    pub plain: String,
    /// Steered.
    pub steered: String,
    /// Along random vectors; may be empty.
    pub random: String,
    /// Whether each ended at its limit.
    pub cut: [bool; 3],
    /// Earlier turns of the chat that they end.
    pub talk: Vec<Spoken>,
}

impl Parcel {
    /// An empty parcel from a model.
    #[must_use]
    pub fn new(model: String, card: &VectorsCard) -> Self {
        Self {
            model,
            weights: card.model_sha256.chars().take(8).collect(),
            ..Self::default()
        }
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.reading.is_none() && self.texts.is_none()
    }

    /// Puts a reading in; the emotions in view are kept at every token.
    pub fn put_reading(
        &mut self,
        reading: &Reading,
        source: &str,
        setting: Setting,
        in_view: &[usize],
        card: &VectorsCard,
    ) {
        let count = reading.tokens.len().min(TOKENS);
        let (skipped, known) = (reading.skipped as usize, card.emotions.len());
        let mut names: Vec<usize> = Vec::new();
        let mut index_of = |emotion: usize| {
            let at = names.iter().position(|n| *n == emotion);
            at.unwrap_or_else(|| {
                names.push(emotion);
                names.len() - 1
            })
        };
        let in_view: BTreeSet<usize> = in_view.iter().copied().filter(|e| *e < known).collect();
        let rows = in_view
            .iter()
            .map(|e| {
                index_of(*e);
                (0..count).map(|t| step(reading.value(t, *e))).collect()
            })
            .collect();
        let strongest = (0..count)
            .map(|token| {
                if token < skipped {
                    return Vec::new();
                }
                let mut all: Vec<(usize, f32)> = (0..known.min(reading.emotions as usize))
                    .map(|e| (e, reading.value(token, e)))
                    .collect();
                all.sort_by(|a, b| b.1.total_cmp(&a.1));
                all.truncate(STRONGEST);
                all.into_iter()
                    .filter_map(|(e, v)| Some((u8::try_from(index_of(e)).ok()?, step(v))))
                    .collect()
            })
            .collect();
        let most = |path: &[[f32; 2]]| {
            path.iter()
                .skip(skipped)
                .flatten()
                .fold(0.0_f32, |m, v| m.max(v.abs()))
        };
        let unit = (most(&reading.path) / 1000.0).max(f32::MIN_POSITIVE);
        self.reading = Some(PackedReading {
            source: source.to_owned(),
            chat: setting == Setting::Chat,
            tokens: reading.tokens[..count].to_vec(),
            skipped: reading.skipped,
            layer: u16::try_from(reading.layer.index()).unwrap_or(0),
            emotions: names
                .iter()
                .map(|e| card.emotions[*e].name.clone())
                .collect(),
            rows,
            strongest,
            unit,
            path: reading.path[..count.min(reading.path.len())]
                .iter()
                .map(|at| at.map(|v| whole(v / unit)))
                .collect(),
        });
    }

    /// Puts two texts in.
    pub fn put_texts(&mut self, texts: Texts) {
        let [plain, steered, random] = texts.cut;
        self.texts = Some((texts.plain, texts.steered, [plain, steered]));
        self.more = More {
            random: (!texts.random.is_empty()).then_some((texts.random, random)),
            talk: texts.talk,
        };
    }

    /// The reading, for a model's emotions; none if there is none, or it does not hold together.
    #[must_use]
    pub fn reading(&self, card: &VectorsCard) -> Option<Carried> {
        let packed = self.reading.as_ref()?;
        let (count, emotions) = (packed.tokens.len(), card.emotions.len());
        let whole = count <= TOKENS
            && packed.rows.len() <= packed.emotions.len()
            && packed.rows.iter().all(|r| r.len() == count)
            && packed.strongest.len() == count
            && packed.path.len() == count
            && packed.unit.is_finite();
        if !whole {
            return None;
        }
        let here: Vec<Option<usize>> = packed.emotions.iter().map(|n| card.index_of(n)).collect();
        let mut values = vec![0.0; count * emotions];
        let mut set = |token: usize, name: usize, value: i8| {
            if let Some(emotion) = here.get(name).copied().flatten() {
                values[token * emotions + emotion] = f32::from(value) / STEPS;
            }
        };
        for (token, strongest) in packed.strongest.iter().enumerate() {
            for (name, value) in strongest {
                set(token, usize::from(*name), *value);
            }
        }
        for (name, row) in packed.rows.iter().enumerate() {
            for (token, value) in row.iter().enumerate() {
                set(token, name, *value);
            }
        }
        let known = here.iter().take(packed.rows.len()).flatten().copied();
        Some(Carried {
            reading: Reading {
                tokens: packed.tokens.iter().map(|t| clean(t)).collect(),
                skipped: packed.skipped,
                layer: Layer::new(packed.layer),
                emotions: u32::try_from(emotions).ok()?,
                values,
                turns: vec![],
                path: packed
                    .path
                    .iter()
                    .map(|at| at.map(|v| f32::from(v) * packed.unit))
                    .collect(),
            },
            source: clean(&packed.source),
            setting: if packed.chat {
                Setting::Chat
            } else {
                Setting::Plain
            },
            known: known.collect(),
        })
    }

    /// The texts, if there are any.
    #[must_use]
    pub fn texts(&self) -> Option<Texts> {
        let (plain, steered, cut) = self.texts.as_ref()?;
        let (random, at_limit) = self.more.random.clone().unwrap_or_default();
        let turn = |s: &Spoken| Spoken {
            exchange: Exchange {
                user: clean(&s.exchange.user),
                plain: clean(&s.exchange.plain),
                steered: clean(&s.exchange.steered),
                random: s.exchange.random.as_deref().map(clean),
            },
            recipe: clean(&s.recipe),
        };
        Some(Texts {
            plain: clean(plain),
            steered: clean(steered),
            random: clean(&random),
            cut: [cut[0], cut[1], at_limit],
            talk: self.more.talk.iter().take(TURNS).map(turn).collect(),
        })
    }

    /// As it stands in a link.
    #[must_use]
    pub fn write(&self) -> String {
        let mut bytes = wire::encode(self);
        if self.more != More::default() {
            bytes.extend(wire::encode(&self.more));
        }
        let packed = compress_to_vec(&bytes, 9);
        format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(packed))
    }

    /// Reads what stands in a link.
    ///
    /// # Errors
    /// [`Unread`].
    pub fn read(written: &str) -> Result<Self, Unread> {
        let (version, rest) = written.split_once('.').ok_or(Unread::Broken)?;
        if version != VERSION.trim_end_matches('.') {
            return Err(match version.parse::<u32>() {
                Ok(_) => Unread::Later,
                Err(_) => Unread::Broken,
            });
        }
        if rest.len() > LONGEST {
            return Err(Unread::Broken);
        }
        let packed = URL_SAFE_NO_PAD.decode(rest).map_err(|_| Unread::Broken)?;
        let bytes = decompress_to_vec_with_limit(&packed, UNPACKED).map_err(|_| Unread::Broken)?;
        let (mut parcel, rest): (Self, _) =
            wire::decode_first(&bytes).map_err(|_| Unread::Broken)?;
        if !rest.is_empty() {
            parcel.more = wire::decode(rest).map_err(|_| Unread::Broken)?;
        }
        parcel.model = clean(&parcel.model).chars().take(60).collect();
        Ok(parcel)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "within the range of i8")]
fn step(value: f32) -> i8 {
    (value * STEPS).round().clamp(-127.0, 127.0) as i8
}

#[expect(clippy::cast_possible_truncation, reason = "within the range of i16")]
fn whole(value: f32) -> i16 {
    value.round().clamp(-32_000.0, 32_000.0) as i16
}

/// Without control characters and those that turn the direction of the text around them.
fn clean(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .filter(|c| (!c.is_control() || matches!(c, '\n' | '\t')) && !turns(*c))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::tests::card;

    fn reading() -> Reading {
        Reading {
            tokens: ["She", " ran", "."].map(str::to_owned).to_vec(),
            skipped: 1,
            layer: Layer::new(1),
            emotions: 2,
            values: vec![0.0, 0.0, 0.5, -0.25, 1.5, 0.1],
            path: vec![[900.0, 900.0], [1.0, -2.0], [0.5, 0.25]],
            turns: vec![],
        }
    }

    fn turn() -> Spoken {
        Spoken {
            exchange: Exchange {
                user: "Hello?".into(),
                plain: "Hello.".into(),
                steered: "<i>Hello!</i>".into(),
                random: None,
            },
            recipe: "calm +20%".into(),
        }
    }

    fn parcel() -> Parcel {
        let card = card();
        let mut parcel = Parcel::new("SmolLM2".into(), &card);
        parcel.put_reading(&reading(), "She ran.", Setting::Chat, &[1], &card);
        parcel.put_texts(Texts {
            plain: "plain <b>text</b>".into(),
            steered: "steered\u{202E}\u{7}".into(),
            random: "random".into(),
            cut: [true, false, true],
            talk: vec![turn()],
        });
        parcel
    }

    #[test]
    fn what_is_carried_arrives() {
        let card = card();
        let got = Parcel::read(&parcel().write()).unwrap();
        let carried = got.reading(&card).unwrap();
        assert_eq!(
            (
                carried.source.as_str(),
                carried.setting,
                carried.known.as_slice()
            ),
            ("She ran.", Setting::Chat, &[1_usize][..])
        );
        assert_eq!(carried.reading.tokens, reading().tokens);
        for (a, b) in carried.reading.values.iter().zip(reading().values) {
            assert!((a - b).abs() <= 0.5 / STEPS, "{a} {b}");
        }
        for (a, b) in carried.reading.path.iter().zip(reading().path).skip(1) {
            assert!((a[0] - b[0]).abs() < 0.01 && (a[1] - b[1]).abs() < 0.01);
        }
        let texts = got.texts().unwrap();
        assert_eq!(
            (texts.plain.as_str(), texts.steered.as_str(), texts.cut),
            ("plain <b>text</b>", "steered", [true, false, true])
        );
        assert_eq!(
            (texts.random.as_str(), texts.talk),
            ("random", vec![turn()])
        );
        // Where nothing came later, the link is one that the first version wrote.
        let mut first = parcel();
        first.more = More::default();
        assert_eq!(Parcel::read(&first.write()), Ok(first));
    }

    /// Links are out there: what the first version wrote has to open for ever. The browser suite shows the same one.
    #[test]
    fn a_link_of_the_first_version_still_opens() {
        let old = "1.BQCxDYAgDA5wdO_goJNxBxJPKbZREmhNYfB8M52i42GDpsTVOT-HnN6KRcKeE6AQEDZZQmk3dLviBypsphaxso312BL0wWxM3v0";
        let got = Parcel::read(old).unwrap();
        assert_eq!(got.model, "Another model");
        let texts = got.texts().unwrap();
        assert_eq!(texts.steered, "<img src=x onerror=alert(1)> steered");
        assert_eq!(
            (texts.plain.as_str(), texts.cut),
            ("<b>plain</b> and damn", [true, false, false])
        );
    }

    #[test]
    fn what_was_tampered_with_is_refused() {
        let good = parcel().write();
        assert_eq!(Parcel::read("2.AAAA"), Err(Unread::Later));
        for bad in ["", "x", "1.", "1.!!!!", "one.AAAA", &good[..good.len() / 2]] {
            assert_eq!(Parcel::read(bad), Err(Unread::Broken), "{bad}");
        }
        // A small parcel that would unpack to more than anybody needs.
        let bomb = compress_to_vec(&vec![0; 4 << 20], 9);
        let bomb = format!("1.{}", URL_SAFE_NO_PAD.encode(bomb));
        assert_eq!(Parcel::read(&bomb), Err(Unread::Broken));
        assert_eq!(
            Parcel::read(&format!("1.{}", "A".repeat(LONGEST + 1))),
            Err(Unread::Broken)
        );
    }

    #[test]
    fn lists_that_do_not_fit_together_are_not_shown() {
        let mut odd = parcel();
        odd.reading.as_mut().unwrap().rows[0].pop();
        assert_eq!(odd.reading(&card()), None);
        let mut odd = parcel();
        odd.reading.as_mut().unwrap().unit = f32::NAN;
        assert_eq!(odd.reading(&card()), None);
        // Names and indices that this model does not have are left out.
        let mut odd = parcel();
        let packed = odd.reading.as_mut().unwrap();
        packed.emotions = vec!["blorbish".into(); packed.emotions.len()];
        packed.strongest[1].push((250, 9));
        let carried = odd.reading(&card()).unwrap();
        assert!(carried.known.is_empty() && carried.reading.values.iter().all(|v| *v == 0.0));
    }
}
