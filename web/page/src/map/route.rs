//! The way of a text across the sheet: its stops, the token under the pointer, the trail of the player.

use super::draw::{Sheet, add, set};
use super::view::{Projection, Xy};

impl Sheet {
    /// The path of the text with one numbered stop per sentence; no stops, no path.
    pub fn path(&mut self, stops: &[Xy]) {
        let d = line(stops);
        for part in &self.path_lines {
            set(part, "d", &d);
        }
        while self.stops.len() > stops.len() {
            if let Some(stop) = self.stops.pop() {
                stop.remove();
            }
        }
        while self.stops.len() < stops.len() {
            let stop = add(&self.path, "g", &[("class", "stop")]);
            add(&stop, "circle", &[("r", "8.5")]);
            let number = (self.stops.len() + 1).to_string();
            add(&stop, "text", &[("y", "3.9")]).set_text_content(Some(&number));
            self.stops.push(stop);
        }
        for (stop, [x, y]) in self.stops.iter().zip(stops) {
            set(stop, "transform", &format!("translate({x:.1} {y:.1})"));
        }
    }

    /// Where the token under the pointer is, and its sentence's stop; outside the frame an arrow points to it.
    pub fn here(&self, p: &Projection, at: Option<Xy>, stop: Option<usize>) {
        for (i, element) in self.stops.iter().enumerate() {
            let _ = element
                .class_list()
                .toggle_with_force("on", stop == Some(i));
        }
        let Some([x, y]) = at.filter(|at| at.iter().all(|v| v.is_finite())) else {
            set(&self.here, "display", "none");
            return;
        };
        let inner = p.frame.grown(-12.0, -12.0);
        let edge = [x.clamp(inner.x0, inner.x1), y.clamp(inner.y0, inner.y1)];
        let outside = edge != [x, y];
        let turn = (y - edge[1]).atan2(x - edge[0]).to_degrees();
        set(&self.here, "display", "inline");
        set(
            &self.here,
            "transform",
            &format!("translate({:.1} {:.1})", edge[0], edge[1]),
        );
        set(&self.here_arrow, "transform", &format!("rotate({turn:.0})"));
        set(
            &self.here_arrow,
            "display",
            if outside { "inline" } else { "none" },
        );
        set(
            &self.here_dot,
            "display",
            if outside { "none" } else { "inline" },
        );
    }

    /// The tokens that the player has passed, joined in order; none, no trail.
    pub fn trail(&self, tokens: &[Xy]) {
        set(&self.trail, "d", &line(tokens));
    }

    /// The line that is being drawn around points.
    pub fn lasso(&self, line_so_far: &[Xy]) {
        set(&self.lasso, "d", &line(line_so_far));
    }
}

fn line(points: &[Xy]) -> String {
    points
        .iter()
        .enumerate()
        .map(|(i, [x, y])| format!("{}{x:.1} {y:.1}", if i == 0 { 'M' } else { 'L' }))
        .collect()
}
