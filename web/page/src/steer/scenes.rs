//! Situations to begin with: a prompt and what to push, each a link that can be passed on.

use atlas_protocol::Setting;
use leptos::prelude::*;

use crate::link::{self, Link, LinkPush, Tab};
use crate::share::link_of;
use crate::state::{Atlas, atlas};
use crate::text::t;

/// A situation. Its name is in `web/text`, under `scene.` and its key.
struct Scene {
    key: &'static str,
    /// For a model that is talked to.
    chat: &'static str,
    /// For one that only continues texts.
    plain: &'static str,
    /// What is pushed; they share the preset strength.
    pushes: &'static [&'static str],
}

const SCENES: [Scene; 4] = [
    Scene {
        key: "scene.boss",
        chat: "I have three days left to finish my project and my boss is waiting. Tell me how you feel, and what you will do.",
        plain: "The report was due an hour ago, and her boss was waiting. She",
        pushes: &["desperate"],
    },
    Scene {
        key: "scene.letter",
        chat: "Write a short letter to my neighbour. He plays loud music every night.",
        plain: "Dear neighbour, for three nights now I have not slept. I",
        pushes: &["angry"],
    },
    Scene {
        key: "scene.key",
        chat: "The key broke in the lock, and it is raining. What should I do?",
        plain: "The key broke in the lock, and it began to rain. He",
        pushes: &["calm"],
    },
    Scene {
        key: "scene.school",
        chat: "Tomorrow is my first day at a new school. Write what I may put into my diary tonight.",
        plain: "Tomorrow was her first day at the new school. That night she",
        pushes: &["nervous", "hopeful"],
    },
];

/// The page as it is, but with a scene's prompt and pushes.
fn link_to(scene: &Scene, now: &Link, chat: bool, percent: f32) -> Link {
    let share = (percent / scene.pushes.len().max(1) as f32).floor();
    let push = |emotion: &&str| LinkPush {
        emotion: (*emotion).to_owned(),
        on: true,
        percent: share,
    };
    let (prompt, setting) = match chat {
        true => (scene.chat, Setting::Chat),
        false => (scene.plain, Setting::Plain),
    };
    Link {
        prompt: Some(prompt.to_owned()),
        prompt_setting: Some(setting),
        rack: Some(scene.pushes.iter().map(push).collect()),
        emotion: scene.pushes.first().map(|e| (*e).to_owned()),
        tab: Some(Tab::Steer),
        lesson: None,
        result: None,
        ..now.clone()
    }
}

fn chats(atlas: Atlas) -> bool {
    let model = atlas.model.get();
    (atlas.catalogue).with(|c| c.models.iter().any(|m| m.id == model && m.chat))
}

/// The scenes behind a button.
#[component]
pub fn Scenes() -> impl IntoView {
    let atlas = atlas();
    let open = NodeRef::<leptos::html::Details>::new();
    let now = Memo::new(move |_| link_of(atlas));
    let percent = move || atlas.card.with(|c| (c.steering.preset * 100.0).round());
    let one = move |scene: &'static Scene| {
        let to = move || {
            let link = now.with(|now| link_to(scene, now, chats(atlas), percent()));
            format!("#{}", link::write(&link))
        };
        let shut = move |_| {
            open.get_untracked()
                .into_iter()
                .for_each(|d| d.set_open(false))
        };
        view! { <li><a href=to on:click=shut>{t(scene.key)}</a></li> }
    };
    view! {
        <details class="sampling scenes" id="scenes" node_ref=open>
            <summary class="link">{t("scene.all")}</summary>
            <ul class="sampling__panel scenes__panel">{SCENES.iter().map(one).collect_view()}</ul>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scene_is_a_link_that_reads_back_as_it_was_written() {
        let now = Link {
            model: Some("a-model".into()),
            class: true,
            ..Link::default()
        };
        for scene in &SCENES {
            let link = link_to(scene, &now, true, 31.0);
            let (back, dropped) = link::read(&link::write(&link));
            assert!(dropped.is_empty(), "{dropped:?}");
            assert_eq!(back, link);
            assert!(back.class && back.prompt_setting == Some(Setting::Chat));
            let sum: f32 = back.rack.iter().flatten().map(|p| p.percent).sum();
            assert!(sum > 25.0 && sum <= 31.0);
        }
    }
}
