//! The page is drawn a part at a time, so that no task keeps the visitor waiting: parts wait in one line, in the order
//! in which they stand on the page, and are made frame by frame, a few where they are cheap, one where they are not.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::{spawn_local, tick};

use crate::clock::clock;

/// Parts are made together as long as that takes no longer than this, in milliseconds.
const TOGETHER: f64 = 8.0;

type Part = Box<dyn FnOnce()>;

thread_local! {
    static LINE: RefCell<Line<Part>> = RefCell::new(Line::default());
    static MOVES: Cell<bool> = const { Cell::new(false) };
}

/// Who waits. What comes up while a part is made belongs to that part, and goes before the parts after it.
struct Line<T> {
    /// In this order.
    waits: VecDeque<T>,
    /// Came up since the last one left.
    within: Vec<T>,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Self {
            waits: VecDeque::new(),
            within: Vec::new(),
        }
    }
}

impl<T> Line<T> {
    fn push(&mut self, part: T) {
        self.within.push(part);
    }

    fn push_last(&mut self, part: T) {
        self.waits.push_back(part);
    }

    fn next(&mut self) -> Option<T> {
        for part in self.within.drain(..).rev() {
            self.waits.push_front(part);
        }
        self.waits.pop_front()
    }
}

/// Does something once what has changed until now is on the screen.
pub fn after_paint(then: impl FnOnce() + 'static) {
    let soon = move || set_timeout(then, Duration::ZERO);
    // A page in the background has no frames.
    if document().hidden() {
        soon();
    } else {
        request_animation_frame(soon);
    }
}

/// Does something when its turn has come.
pub fn in_turn(then: impl FnOnce() + 'static) {
    LINE.with_borrow_mut(|line| line.push(Box::new(then)));
    begin();
}

/// Does something when all parts are made.
pub fn at_last(then: impl FnOnce() + 'static) {
    LINE.with_borrow_mut(|line| line.push_last(Box::new(then)));
    begin();
}

fn begin() {
    if !MOVES.replace(true) {
        after_paint(step);
    }
}

/// The next parts.
fn step() {
    let since = clock();
    spawn_local(async move {
        while let Some(part) = LINE.with_borrow_mut(Line::next) {
            part();
            // What the part has changed is drawn by effects, which come in a tick.
            tick().await;
            if clock() - since > TOGETHER {
                return after_paint(step);
            }
        }
        MOVES.set(false);
    });
}

/// What is made when its turn has come.
#[component]
pub fn Late(
    /// What comes then.
    children: ChildrenFn,
) -> impl IntoView {
    let drawn = RwSignal::new(false);
    in_turn(move || {
        // It may be gone by then.
        let _ = drawn.try_set(true);
    });
    view! { <Show when=move || drawn.get()>{children()}</Show> }
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn parts_within_a_part_come_before_the_part_after_it() {
        let mut line = Line::default();
        line.push_last("engine");
        for part in ["map", "text"] {
            line.push(part);
        }
        assert_eq!(line.next(), Some("map"));
        for part in ["sheet", "tools"] {
            line.push(part);
        }
        let rest: Vec<_> = std::iter::from_fn(|| line.next()).collect();
        assert_eq!(rest, ["sheet", "tools", "text", "engine"]);
    }
}
