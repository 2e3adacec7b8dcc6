use super::*;
use atlas_affect::card::{EmotionEntry, LayerGeometry, Method, Steering};
use atlas_protocol::CatalogueEntry;
use atlas_units::Layer;

fn full() -> Link {
    Link {
        model: Some("smollm2-135m-instruct".into()),
        text: Some("Ünë & two = 3 + 4 %, “quoted” 😀\nnew line".into()),
        setting: Some(Setting::Chat),
        emotion: Some("grief-stricken".into()),
        layer: Some(18),
        rack: Some(vec![
            LinkPush {
                emotion: "desperate".into(),
                on: true,
                percent: 25.0,
            },
            LinkPush {
                emotion: "calm".into(),
                on: false,
                percent: -12.0,
            },
        ]),
        prompt: Some("Tell me: why?".into()),
        prompt_setting: Some(Setting::Plain),
        sampling: Some(Sampling {
            seed: 4_294_967_295,
            temperature: 0.85,
            top_k: 7,
            top_p: 0.9,
            repetition_penalty: 1.15,
            max_tokens: 64,
        }),
        tab: Some(Tab::Steer),
    }
}

fn card() -> VectorsCard {
    let emotion = |name: &str| EmotionEntry {
        name: name.into(),
        cluster: "Fear and Overwhelm".into(),
        valence: 2.0,
        arousal: 6.0,
    };
    let geometry = LayerGeometry {
        coords: vec![[0.0; 3]; 2],
        unit: 1.0,
        share: [0.1; 3],
        r_valence: [0.9; 3],
        r_arousal: [0.8; 3],
        near: vec![vec![1], vec![0]],
    };
    VectorsCard {
        format: VectorsCard::FORMAT,
        model: "m".into(),
        model_sha256: String::new(),
        layer: Layer::new(1),
        steering: Steering {
            layers: vec![Layer::new(1)],
            scale: 1.0,
            safe: 0.3,
            limit: 0.6,
            preset: 0.25,
            basis: String::new(),
        },
        emotions: vec![emotion("afraid"), emotion("calm")],
        geometry: vec![geometry.clone(), geometry],
        method: Method {
            first_token: 20,
            nuisance: 50,
            nuisance_share: 0.6,
            centred_by: String::new(),
            stories: 1,
            tokens: 1,
            made_by: String::new(),
        },
        corpus: vec![],
    }
}

#[test]
fn what_is_written_is_read_back() {
    let (link, dropped) = read(&format!("#{}", write(&full())));
    assert_eq!(link, full());
    assert!(dropped.is_empty());
}

#[test]
fn an_empty_address_is_the_start() {
    assert_eq!(read(""), (Link::default(), vec![]));
    assert_eq!(read("#"), (Link::default(), vec![]));
}

#[test]
fn a_link_of_the_first_sketch_still_works() {
    let (link, dropped) = read("#e=sad&s=calm:25");
    assert_eq!(link.emotion.as_deref(), Some("sad"));
    assert_eq!(
        link.rack,
        Some(vec![LinkPush {
            emotion: "calm".into(),
            on: true,
            percent: 25.0
        }])
    );
    assert!(dropped.is_empty());
}

#[test]
fn hostile_values_are_dropped_and_named() {
    let (link, dropped) = read(
        "#seed=-1&temp=NaN&top=9&k=1e9&l=zzz&tab=evil&s=calm:inf&as=x&t=%00&=&%&<script>=1&rep=0.1",
    );
    assert_eq!(
        link,
        Link {
            text: Some("\0".into()),
            ..Link::default()
        }
    );
    assert_eq!(dropped.len(), 12);
    let sentence = left_out(&dropped).expect("something was left out");
    assert!(sentence.ends_with("and 8 more."), "{sentence}");
}

#[test]
fn endless_values_are_cut() {
    let (link, _) = read(&format!(
        "t={}&e={}",
        "x".repeat(LONGEST + 9),
        "y".repeat(1000)
    ));
    assert_eq!(link.text.map(|t| t.len()), Some(LONGEST));
    assert_eq!(link.emotion, None);
    let (link, _) = read(&format!(
        "s={}",
        (0..99).map(|i| format!("e{i}:1,")).collect::<String>()
    ));
    assert_eq!(link.rack.map(|r| r.len()), Some(MOST_PUSHES));
}

#[test]
fn broken_percent_signs_and_utf8_do_no_harm() {
    assert_eq!(decode("%E2%82"), "\u{FFFD}");
    assert_eq!(decode("100%"), "100%");
    assert_eq!(decode("%zz+%41"), "%zz A");
}

#[test]
fn what_the_model_lacks_is_left_out() {
    let (mut link, mut dropped) = read("#m=gone&e=blorbish&l=2&s=calm:90,joyfulish:10,afraid:-20");
    let entry = CatalogueEntry {
        id: "m".into(),
        name: "M".into(),
        bytes: 1,
        about: String::new(),
        chat: true,
    };
    check_model(
        &mut link,
        &Catalogue {
            default: "m".into(),
            models: vec![entry],
        },
        &mut dropped,
    );
    check_vectors(&mut link, &card(), &mut dropped);
    assert_eq!((link.model, link.emotion, link.layer), (None, None, None));
    let rack: Vec<_> = link
        .rack
        .into_iter()
        .flatten()
        .map(|p| (p.emotion, p.percent))
        .collect();
    assert_eq!(
        rack,
        [("calm".to_owned(), 60.0), ("afraid".to_owned(), -20.0)]
    );
    assert_eq!(dropped.len(), 5);
}

#[test]
fn nothing_left_out_says_nothing() {
    assert_eq!(left_out(&[]), None);
}
