//! Names on the sheet: which the labels and regions are for what is shown now.

use super::draw::Weight;
use super::labels::{self, Mark, Placed, Tier};
use super::measure::SELECTED_PX;
use super::plot::{Now, Plot};
use super::regions;
use super::view::{Projection, Rect, Xy};

/// A closer view than this has no regions: it is full of names already.
const REGIONS_UP_TO: f32 = 1.35;
/// How far a region's name may stand from the centre of its cluster, in map units.
const REGION_REACH: f32 = 1.05;

impl Plot {
    fn tier(now: &Now, near: &[usize], i: usize) -> Tier {
        match i {
            _ if i == now.selected => Tier::Selected,
            _ if now.hover == Some(i) => Tier::Hovered,
            _ if now.rack.contains(&i) => Tier::Rack,
            _ if near.contains(&i) => Tier::Near,
            _ if now.only.is_some() => Tier::Isolated,
            _ => Tier::Ordinary,
        }
    }

    fn weight(now: &Now, near: &[usize], i: usize) -> Weight {
        if i == now.selected {
            Weight::Selected
        } else if near.contains(&i) {
            Weight::Near
        } else {
            Weight::Plain
        }
    }

    pub(super) fn label(
        &mut self,
        now: &Now,
        near: &[usize],
        stops: &[Xy],
        mark: f32,
        p: &Projection,
    ) {
        let Some(look) = &self.look else { return };
        let tier = |i| Self::tier(now, near, i);
        let marks: Vec<Mark> = self
            .pixels
            .iter()
            .enumerate()
            .map(|(i, at)| {
                let tier = tier(i);
                let gap = if tier == Tier::Selected {
                    mark * 1.55 + 7.0
                } else {
                    mark + 3.5
                };
                // A cluster that is filtered out keeps a name only where something else lights it.
                let dim =
                    tier == Tier::Isolated && self.scene.grouping.of.get(i) != now.only.as_ref();
                Mark {
                    at: *at,
                    half: mark,
                    gap,
                    tier,
                    rank: self.ranks[i],
                    dim,
                    before: self.places[i],
                }
            })
            .collect();
        let mut taken = look.buttons.clone();
        taken.extend(stops.iter().map(|s| Rect::around(*s, 9.5)));
        // At rest regions find their places after names; those that travel along keep theirs.
        if now.moving && self.regions_travel(now) {
            let by = self.regions_way(p);
            taken.extend(self.regions.iter().map(|r| r.rect.moved(by)));
        }
        let placed = labels::place(
            &marks,
            p.frame,
            &taken,
            labels::bearable(p.frame, look.compact),
            |i| {
                let weight = Self::weight(now, near, i);
                let px = match weight {
                    Weight::Plain | Weight::Near => look.label_px,
                    Weight::Selected => SELECTED_PX,
                };
                let name = &self.scene.card.emotions[i].name;
                [look.name_width(weight, i, name), px * 0.92]
            },
        );
        let mut places = vec![None; self.places.len()];
        for label in &placed {
            places[label.mark] = Some(label.place);
            self.sheet.label(
                label.mark,
                label.text,
                Self::weight(now, near, label.mark),
                look.label_px,
            );
        }
        for (i, (before, after)) in self.places.iter().zip(&places).enumerate() {
            if before.is_some() && after.is_none() {
                self.sheet.unlabel(i);
            }
        }
        // Kept relative to the points, so that names can travel with them.
        self.placed = placed
            .into_iter()
            .map(|l| {
                let at = self.pixels[l.mark];
                Placed {
                    text: [l.text[0] - at[0], l.text[1] - at[1]],
                    ..l
                }
            })
            .collect();
        self.places = places;
    }

    /// Names travel with their points until they are placed anew.
    pub(super) fn carry_labels(&self, now: &Now, near: &[usize]) {
        let Some(look) = &self.look else { return };
        for label in &self.placed {
            let at = self.pixels[label.mark];
            let text = [at[0] + label.text[0], at[1] + label.text[1]];
            self.sheet.label(
                label.mark,
                text,
                Self::weight(now, near, label.mark),
                look.label_px,
            );
        }
        self.carry_regions(now);
    }

    /// Whether the names of regions are moved along.
    fn regions_travel(&self, now: &Now) -> bool {
        now.view.zoom < REGIONS_UP_TO && self.since.is_none()
    }

    /// How far they have come since they were placed.
    fn regions_way(&self, p: &Projection) -> Xy {
        let at = p.pixel([0.0, 0.0]);
        [
            at[0] - self.regions_origin[0],
            at[1] - self.regions_origin[1],
        ]
    }

    pub(super) fn carry_regions(&self, now: &Now) {
        let Some(p) = &self.projection else { return };
        if self.regions_travel(now) {
            self.sheet.shift_regions(self.regions_way(p));
        } else {
            self.sheet.regions(&[], &[], 0.0);
        }
    }

    /// Region names where there is room; else little-known emotions make room for one.
    pub(super) fn name_regions(
        &mut self,
        now: &Now,
        near: &[usize],
        stops: &[Xy],
        mark: f32,
        p: &Projection,
    ) {
        let Some(look) = &self.look else { return };
        self.regions.clear();
        if now.view.zoom < REGIONS_UP_TO {
            let grouping = &self.scene.grouping;
            let marks: Vec<(Xy, usize)> = self
                .pixels
                .iter()
                .copied()
                .zip(grouping.of.iter().copied())
                .collect();
            let soft = |l: &Placed| {
                !Self::tier(now, near, l.mark).pressing() && self.ranks[l.mark] < labels::WELL_KNOWN
            };
            for making_room in [false, true] {
                let found = |k: usize| self.regions.iter().any(|r| r.cluster == k);
                let wanted: Vec<usize> = (0..grouping.groups.len())
                    .filter(|k| now.only.is_none_or(|c| *k == c) && !found(*k))
                    .collect();
                let mut taken = look.buttons.clone();
                taken.extend(stops.iter().map(|s| Rect::around(*s, 9.5)));
                taken.extend(self.regions.iter().map(|r| r.rect));
                taken.extend(
                    self.placed
                        .iter()
                        .filter(|l| !making_room || !soft(l))
                        .map(|l| l.rect),
                );
                let size = |k: usize| {
                    [
                        look.regions.get(k).copied().unwrap_or(120.0),
                        look.region_px,
                    ]
                };
                let reach = p.scale * REGION_REACH;
                self.regions.extend(regions::place(
                    &marks, mark, &wanted, p.frame, &taken, reach, size,
                ));
            }
            let given_way: Vec<usize> = self
                .placed
                .iter()
                .filter(|l| self.regions.iter().any(|r| r.rect.hits(&l.rect, 2.0)))
                .map(|l| l.mark)
                .collect();
            for i in given_way {
                self.sheet.unlabel(i);
                self.places[i] = None;
                self.placed.retain(|l| l.mark != i);
            }
        }
        self.regions_origin = p.pixel([0.0, 0.0]);
        self.sheet
            .regions(&self.regions, &self.scene.grouping.groups, look.region_px);
    }
}
