use super::{Fault, Server, Site};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

fn folder(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("atlas-server-{name}-{}", std::process::id()));
    fs::create_dir_all(dir.join("sub")).unwrap();
    fs::write(dir.join("index.html"), "<p>hello").unwrap();
    fs::write(dir.join("sub/piece.bin"), "0123456789").unwrap();
    fs::write(dir.join("engine.wasm"), "\0asm").unwrap();
    dir
}

fn ask(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.at).unwrap();
    write!(stream, "{request}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn files_ranges_and_sub_paths() {
    let dir = folder("plain");
    let server = Server::on_free_port(Site::new(dir.clone()).under("atlas/")).unwrap();
    assert!(server.address().ends_with("/atlas/"));
    let page = ask(&server, "GET /atlas/?x=1 HTTP/1.1");
    assert!(
        page.starts_with("HTTP/1.1 200") && page.ends_with("<p>hello"),
        "{page}"
    );
    assert!(page.contains("text/html"));
    assert!(page.contains("\r\nCross-Origin-Embedder-Policy: require-corp\r\n"));
    assert!(ask(&server, "GET /atlas/engine.wasm HTTP/1.1").contains("application/wasm"));
    let part = ask(
        &server,
        "GET /atlas/sub/piece.bin HTTP/1.1\r\nRange: bytes=2-4",
    );
    assert!(
        part.starts_with("HTTP/1.1 206") && part.ends_with("\r\n\r\n234"),
        "{part}"
    );
    assert!(part.contains("Content-Range: bytes 2-4/10"));
    let end = ask(
        &server,
        "GET /atlas/sub/piece.bin HTTP/1.1\r\nrange: bytes=-3",
    );
    assert!(end.ends_with("\r\n\r\n789"), "{end}");
    let outside = ask(
        &server,
        "GET /atlas/sub/piece.bin HTTP/1.1\r\nRange: bytes=10-",
    );
    assert!(outside.starts_with("HTTP/1.1 416"), "{outside}");
    let head = ask(&server, "HEAD /atlas/sub/piece.bin HTTP/1.1");
    assert!(
        head.contains("Content-Length: 10") && head.ends_with("\r\n\r\n"),
        "{head}"
    );
    for missing in [
        "/",
        "/atlas/nothing",
        "/atlas/sub",
        "/atlas/../index.html",
        "/atlas/%2e%2e/x",
        "//etc/passwd",
    ] {
        let answer = ask(&server, &format!("GET {missing} HTTP/1.1"));
        assert!(answer.starts_with("HTTP/1.1 404"), "{missing}: {answer}");
    }
    assert!(ask(&server, "POST /atlas/ HTTP/1.1").starts_with("HTTP/1.1 405"));
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn isolation_can_be_left_out() {
    let dir = folder("headers");
    let server = Server::on_free_port(Site::new(dir.clone()).without_isolation()).unwrap();
    for path in ["/", "/nothing"] {
        let answer = ask(&server, &format!("GET {path} HTTP/1.1"));
        assert!(!answer.contains("Cross-Origin"), "{answer}");
    }
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn faults() {
    let dir = folder("faults");
    let answer = |fault| {
        let site = Site::new(dir.clone());
        let site = site.with_faults(move |path| {
            if path == "sub/piece.bin" {
                fault
            } else {
                Fault::None
            }
        });
        let server = Server::on_free_port(site).unwrap();
        assert!(ask(&server, "GET / HTTP/1.1").ends_with("hello"));
        ask(&server, "GET /sub/piece.bin HTTP/1.1")
    };
    assert!(answer(Fault::Missing).starts_with("HTTP/1.1 404"));
    let short = answer(Fault::Short(4));
    assert!(
        short.contains("Content-Length: 4") && short.ends_with("\n0123"),
        "{short}"
    );
    let broken = answer(Fault::Broken(4));
    assert!(
        broken.contains("Content-Length: 10") && broken.ends_with("\n0123"),
        "{broken}"
    );
    assert!(!answer(Fault::Altered).ends_with("0123456789"));
    assert!(answer(Fault::Slow(200)).ends_with("0123456789"));
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn text_is_packed_for_those_who_take_it_and_parts_never_are() {
    let dir = folder("packed");
    fs::write(dir.join("a.json"), "[1]".repeat(500)).unwrap();
    let server = Server::on_free_port(Site::new(dir.clone()).gzipped()).unwrap();
    let raw = |more: &str| {
        let mut stream = TcpStream::connect(server.at).unwrap();
        write!(stream, "GET /a.json HTTP/1.1\r\n{more}\r\n\r\n").unwrap();
        let mut answer = vec![];
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        (head, answer.split_off(end + 4))
    };
    for _ in 0..2 {
        let (head, body) = raw("Accept-Encoding: br, gzip");
        assert!(head.contains("Content-Encoding: gzip"), "{head}");
        assert!(head.contains(&format!("Content-Length: {}", body.len())));
        let mut text = String::new();
        flate2::read::GzDecoder::new(body.as_slice())
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text.len(), 1500);
    }
    assert_eq!(raw("Accept-Encoding: br").1.len(), 1500);
    let (head, part) = raw("Accept-Encoding: gzip\r\nRange: bytes=0-9");
    assert!(!head.contains("gzip") && part.len() == 10, "{head}");
    fs::remove_dir_all(dir).unwrap();
}
