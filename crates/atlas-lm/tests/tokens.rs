//! Token ids and chat turns against Hugging Face, on hundreds of odd strings.

#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use atlas_lm::{
    ChatTemplate, GgufMetadata, Loader, TextStream, Tokenizer, Turn, WeightFormat, device,
};
use common::root;
use serde_json::Value;

fn fixture(name: &str) -> Value {
    let path = root().join("tests/reference/fixtures").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn rows(value: &Value) -> &Vec<Value> {
    value
        .as_array()
        .or_else(|| value.as_object()?.values().find_map(Value::as_array))
        .unwrap()
}

fn ids(value: &Value) -> Vec<u32> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| u32::try_from(v.as_u64().unwrap()).unwrap())
        .collect()
}

fn from_json(folder: &str) -> Tokenizer {
    Tokenizer::from_json(&std::fs::read(root().join(folder).join("tokenizer.json")).unwrap())
        .unwrap()
}

fn check(name: &str, tokenizer: &Tokenizer) {
    let fixture = fixture("tokens.json");
    let rows = rows(&fixture);
    assert!(rows.len() >= 200);
    for row in rows {
        let text = row["text"].as_str().unwrap();
        assert_eq!(
            tokenizer.encode(text).unwrap(),
            ids(&row[name]),
            "{name}: {text:?}"
        );
        let pieces = tokenizer.pieces(text).unwrap();
        let joined: String = pieces.iter().map(|p| p.text.as_str()).collect();
        assert_eq!(joined, text, "pieces give the text back");
        if text.contains('\u{fffd}') {
            continue; // cannot be told from a broken character, which is held back
        }
        let mut stream = TextStream::default();
        let streamed: String = pieces
            .iter()
            .map(|p| stream.push(tokenizer, p.id).unwrap())
            .collect();
        let whole = tokenizer.decode(&ids(&row[name])).unwrap();
        assert_eq!(
            streamed, whole,
            "a stream of tokens gives the same as all at once"
        );
    }
}

fn metadata(path: &str) -> GgufMetadata {
    let mut loader = Loader::new(WeightFormat::Gguf, None, device::cpu());
    let path = root().join(path);
    let files: Vec<_> = if path.is_dir() {
        (0..5).map(|i| path.join(format!("{i:03}.bin"))).collect()
    } else {
        vec![path]
    };
    for file in files {
        loader.push(&std::fs::read(file).unwrap()).unwrap();
    }
    loader.finish().unwrap().gguf.unwrap()
}

#[test]
fn ids_equal_the_reference() {
    check(
        "smollm2-135m-instruct",
        &from_json("models/smollm2-135m-instruct"),
    );
    check("atlas-lite", &from_json("models/atlas-lite"));
    check("tiny-q", &from_json("tests/reference/tiny/tiny-q"));
}

#[test]
fn gguf_metadata_makes_the_same_tokenizer_and_chat() {
    let meta = metadata("models/smollm2-135m-instruct/weights");
    let tokenizer = Tokenizer::from_gguf(&meta).unwrap();
    check("smollm2-135m-instruct", &tokenizer);
    check(
        "tiny-q",
        &Tokenizer::from_gguf(&metadata("tests/reference/tiny/tiny-q/tiny-q.gguf")).unwrap(),
    );

    let template = ChatTemplate::new(meta.text("tokenizer.chat_template").unwrap()).unwrap();
    let fixture = fixture("chat.json");
    for row in rows(&fixture) {
        let turns: Vec<Turn> = row["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| Turn {
                role: m["role"].as_str().unwrap().into(),
                content: m["content"].as_str().unwrap().into(),
            })
            .collect();
        let answer = row["add_generation_prompt"].as_bool().unwrap();
        let text = template.render(&turns, answer).unwrap();
        assert_eq!(text, row["text"].as_str().unwrap(), "{}", row["name"]);
        assert_eq!(
            tokenizer.encode(&text).unwrap(),
            ids(&row["ids"]),
            "{}",
            row["name"]
        );
    }
}
