//! What is on the sheet now: joins the pure parts with the drawing, and runs the change of layer.

use std::sync::Arc;

use leptos::prelude::window;
use web_sys::{Element, SvgElement};

use crate::clock::clock;

use super::TextPath;
use super::draw::Sheet;
use super::labels::{self, Placed};
use super::measure::{Look, buttons};
use super::regions::Region;
use super::scene::{Scene, neighbours};
use super::view::{Fit, Projection, Rect, View, Xy, path_scale};

/// How long a change of layer takes, in milliseconds.
const LAYER_MS: f64 = 260.0;
/// How long a change of plane takes: long enough to follow one point by eye.
const PLANE_MS: f64 = 900.0;
/// Placing names may take this long in every frame of a gesture; else it waits until the map rests.
const LABELS_MS: f64 = 2.0;

/// Everything from outside that one drawing depends on.
#[derive(Clone, Debug)]
pub struct Now {
    /// Zoom and pan.
    pub view: View,
    /// Selected emotion.
    pub selected: usize,
    /// Emotion under the pointer.
    pub hover: Option<usize>,
    /// Emotions in the Steer rack.
    pub rack: Vec<usize>,
    /// The group that the legend isolates.
    pub only: Option<usize>,
    /// Emotions that are compared, or that a sum comes close to.
    pub lit: Arc<Vec<usize>>,
    /// The text's path, if it is to be drawn.
    pub path: Option<Arc<TextPath>>,
    /// Token under the pointer.
    pub here: Option<usize>,
    /// Tokens that the player has passed, if it plays.
    pub played: Option<usize>,
    /// The map is being dragged, pinched or wheeled.
    pub moving: bool,
}

/// The map on its sheet.
pub struct Plot {
    element: Element,
    pub(super) sheet: Sheet,
    pub(super) scene: Arc<Scene>,
    pub(super) ranks: Vec<f32>,
    pub(super) look: Option<Look>,
    /// The buttons as they were when the map was laid out; what depends on the path's scale must not change it.
    blocked: Vec<Rect>,
    /// Positions as drawn, and those that a change leads from.
    shown: Vec<Xy>,
    from: Vec<Xy>,
    fit: Fit,
    fit_from: Fit,
    fit_to: Fit,
    pub(super) since: Option<f64>,
    /// How long the change under way takes.
    takes: f64,
    pub(super) pixels: Vec<Xy>,
    pub(super) placed: Vec<Placed>,
    pub(super) places: Vec<Option<u8>>,
    pub(super) regions: Vec<Region>,
    pub(super) regions_origin: Xy,
    pub(super) projection: Option<Projection>,
    label_ms: f64,
    /// Whether names are waiting for the map to rest, or for their first frame.
    pub stale: bool,
    first: First,
}

/// How much of a new map has been drawn: every part has a frame of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    /// Nothing.
    Bare,
    /// Points.
    Points,
    /// And the names of emotions; with those of regions, all.
    Names,
}

impl Plot {
    /// A sheet in `svg` that has no size yet (`resize`); `element` is the box around it that holds the buttons too.
    pub fn new(element: Element, svg: &SvgElement, scene: Arc<Scene>) -> Self {
        let fit = Fit::new(&[], Rect::default(), &[]);
        let mut plot = Self {
            element,
            sheet: Sheet::new(svg),
            scene: scene.clone(),
            ranks: Vec::new(),
            look: None,
            blocked: Vec::new(),
            shown: Vec::new(),
            from: Vec::new(),
            fit,
            fit_from: fit,
            fit_to: fit,
            since: None,
            takes: 0.0,
            pixels: Vec::new(),
            placed: Vec::new(),
            places: Vec::new(),
            regions: Vec::new(),
            regions_origin: [0.0, 0.0],
            projection: None,
            label_ms: 0.0,
            stale: false,
            first: First::Bare,
        };
        plot.take(scene);
        plot
    }

    /// Another card: everything is made anew, at once.
    fn take(&mut self, scene: Arc<Scene>) {
        self.scene = scene;
        let names = self.scene.card.emotions.iter().map(|e| e.name.as_str());
        self.sheet.emotions(names);
        self.places = vec![None; self.scene.card.emotions.len()];
        self.placed.clear();
        self.shown.clone_from(&self.scene.places);
        self.since = None;
        self.first = First::Bare;
        self.colour();
        self.rank();
    }

    /// Follows the scene; points move to their new places, unless the reader asked for no motion.
    pub fn follow(&mut self, scene: &Arc<Scene>) {
        if !Arc::ptr_eq(&scene.card, &self.scene.card) {
            self.take(scene.clone());
            return self.resize();
        }
        let before = std::mem::replace(&mut self.scene, scene.clone());
        if before.grouping != scene.grouping {
            self.colour();
            if let Some(look) = &mut self.look {
                look.read_regions(scene.grouping.groups.iter().map(|g| g.name.as_str()));
            }
        }
        if before.places == scene.places
            && before.axes == scene.axes
            && before.extent() == scene.extent()
        {
            return;
        }
        self.from = std::mem::take(&mut self.shown);
        self.from.resize(scene.places.len(), [0.0, 0.0]);
        self.shown.clone_from(&self.from);
        self.rank();
        self.fit_from = self.fit;
        if let Some(look) = &self.look {
            self.fit_to = Fit::new(&scene.extent(), look.frame, &self.blocked);
            self.sheet.margins(look, &scene.axes);
        }
        self.takes = if before.plane == scene.plane {
            LAYER_MS
        } else {
            PLANE_MS
        };
        self.since = Some(if motion() { clock() } else { f64::NEG_INFINITY });
    }

    fn colour(&mut self) {
        self.sheet.groups(&self.scene.grouping.groups);
        for i in 0..self.scene.card.emotions.len() {
            if let Some(group) = self.scene.grouping.group(i) {
                self.sheet.mark(i, &group.marker);
            }
        }
    }

    fn rank(&mut self) {
        let names = self.scene.card.emotions.iter().map(|e| e.name.as_str());
        self.ranks = names
            .zip(&self.scene.places)
            .map(|(n, at)| labels::rank(n, *at))
            .collect();
    }

    /// Reads sizes from the page again.
    pub fn resize(&mut self) {
        let scene = &self.scene;
        self.look = Look::read(
            &self.element,
            scene.grouping.groups.iter().map(|g| g.name.as_str()),
        );
        if let Some(look) = &self.look {
            self.blocked.clone_from(&look.buttons);
            self.fit_to = Fit::new(&scene.extent(), look.frame, &self.blocked);
            self.fit = self.fit_to;
            self.fit_from = self.fit_to;
            self.sheet.margins(look, &scene.axes);
        }
    }

    /// The neatline, once the sheet is shown.
    pub fn frame(&self) -> Option<Rect> {
        self.look.as_ref().map(|l| l.frame)
    }

    /// Points in pixels as last drawn.
    pub fn pixels(&self) -> &[Xy] {
        &self.pixels
    }

    /// Points in map units.
    pub fn points(&self) -> &[Xy] {
        &self.scene.places
    }

    /// Where an emotion will be in a view.
    pub fn place(&self, view: &View, emotion: usize) -> Option<Xy> {
        let look = self.look.as_ref()?;
        Some(
            Projection::new(look.frame, &self.fit_to, view).pixel(*self.scene.places.get(emotion)?),
        )
    }

    /// The factor the path is drawn with: it is not cut to the map's range, so it may need to shrink.
    pub fn path_scale(&self, path: &TextPath) -> Option<f32> {
        let look = self.look.as_ref()?;
        Some(path_scale(
            &path.stops,
            look.frame,
            &self.fit_to,
            &self.blocked,
        ))
    }

    /// Draws; true if another frame is needed.
    pub fn draw(&mut self, now: &Now) -> bool {
        let Some(look) = &self.look else { return false };
        let running = self.since.is_some();
        if let Some(since) = self.since {
            let share = ((clock() - since) / self.takes).clamp(0.0, 1.0) as f32;
            let eased = share * share * (3.0 - 2.0 * share);
            let mix = |a: f32, b: f32| a + (b - a) * eased;
            self.shown = self
                .from
                .iter()
                .zip(&self.scene.places)
                .map(|(a, b)| [mix(a[0], b[0]), mix(a[1], b[1])])
                .collect();
            self.fit = self.fit_from.towards(&self.fit_to, eased);
            if share >= 1.0 {
                self.since = None;
            }
        }
        let p = Projection::new(look.frame, &self.fit, &now.view);
        self.projection = Some(p);
        self.pixels = self.shown.iter().map(|at| p.pixel(*at)).collect();
        let small = if self.fit.scale < 124.0 { 0.86 } else { 1.0 };
        let mark = look.mark * now.view.zoom.powf(0.45).min(1.7) * small;
        let of = &self.scene.grouping.of;
        let dim = |i: usize| {
            now.only
                .is_some_and(|c| of.get(i) != Some(&c) && i != now.selected)
        };

        let in_motion = now.moving || running;
        self.sheet.graticule(&p, self.scene.plane.measured());
        let mut alike = Vec::new();
        for (i, at) in self.pixels.iter().enumerate() {
            let size = if i == now.selected {
                1.55
            } else if now.hover == Some(i) {
                1.35
            } else {
                1.0
            };
            let (dim, lit) = (dim(i), now.lit.contains(&i));
            let alone = i == now.selected || now.hover == Some(i) || dim || lit;
            match of.get(i) {
                Some(group) if in_motion && !alone => {
                    alike.push((*group, *at));
                    self.sheet.leave(i);
                }
                _ => self.sheet.point(i, *at, mark * size, [dim, lit, in_motion]),
            }
        }
        if in_motion {
            self.sheet.swarm(&alike, mark);
        } else {
            self.sheet.rest();
        }
        self.sheet.raise(now.selected);
        let near = neighbours(&self.scene.card, self.scene.layer, now.selected);
        if let Some(at) = self.pixels.get(now.selected) {
            let others = near.iter().filter_map(|n| self.pixels.get(*n).copied());
            let measured = self.scene.plane.measured();
            self.sheet
                .selection(&p, *at, mark * 1.55 + 4.5, others, measured);
        }
        let scale = now
            .path
            .as_ref()
            .and_then(|path| self.path_scale(path))
            .unwrap_or(1.0);
        let stops: Vec<Xy> = now
            .path
            .iter()
            .flat_map(|path| &path.stops)
            .map(|s| p.pixel([s[0] * scale, s[1] * scale]))
            .collect();
        self.sheet.path(&stops);
        self.here(now);

        if !in_motion && self.first == First::Bare {
            return self.go_on(First::Points);
        }
        if in_motion && self.label_ms > LABELS_MS {
            self.carry_labels(now, &near);
            self.stale = true;
        } else {
            let start = clock();
            self.label(now, &near, &stops, mark, &p);
            if !in_motion && self.first == First::Points {
                return self.go_on(First::Names);
            }
            if !in_motion {
                self.name_regions(now, &near, &stops, mark, &p);
            } else {
                self.carry_regions(now);
                self.stale = true;
            }
            // At rest most names stay where they are, which costs next to nothing: only motion tells.
            self.label_ms = match (in_motion, self.label_ms) {
                (false, _) => 0.0,
                (true, 0.0) => clock() - start,
                (true, before) => 0.7 * before + 0.3 * (clock() - start),
            };
        }
        if !in_motion {
            self.stale = false;
        }
        self.since.is_some()
    }

    /// So much of a new map is drawn: the rest comes in the next frame. Nothing moves meanwhile.
    fn go_on(&mut self, first: First) -> bool {
        self.first = first;
        self.stale = true;
        false
    }

    /// Draws only the place of the token under the pointer, and the way the player has come.
    pub fn here(&self, now: &Now) {
        let Some(p) = &self.projection else { return };
        let found = now.path.as_ref().zip(now.here).and_then(|(path, token)| {
            let scale = self.path_scale(path)?;
            let at = path.tokens.get(token)?;
            Some((
                p.pixel([at[0] * scale, at[1] * scale]),
                path.sentence_of.get(token).copied(),
            ))
        });
        self.sheet
            .here(p, found.map(|f| f.0), found.and_then(|f| f.1));
        let trail = now.path.as_ref().zip(now.played).map(|(path, until)| {
            let scale = self.path_scale(path).unwrap_or(1.0);
            path.tokens
                .iter()
                .zip(&path.read)
                .take(until + 1)
                .filter(|(_, read)| **read)
                .map(|(at, _)| p.pixel([at[0] * scale, at[1] * scale]))
                .collect::<Vec<_>>()
        });
        self.sheet.trail(trail.as_deref().unwrap_or_default());
    }

    /// Reads the buttons' places again: the path button's text may have changed its width.
    pub fn read_buttons(&mut self) {
        if let Some(look) = &mut self.look {
            look.buttons = buttons(&self.element);
        }
    }
}

/// Whether things may move by themselves.
fn motion() -> bool {
    !window()
        .match_media("(prefers-reduced-motion: reduce)")
        .ok()
        .flatten()
        .is_some_and(|m| m.matches())
}
