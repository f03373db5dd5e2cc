//! Content that is no lines, or far too much of it: refused at its limit, with nothing held.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use futures_util::stream;
use jornada_domain::auth::Role;
use serde_json::Value;

use super::{As, Sender, counts, gzip, line};
use crate::customers::{account, global};
use crate::harness::{TestApp, both};

both!(
    content_that_is_no_lines_is_refused_and_its_key_stays_free,
    why_a_load_stops_is_told_in_the_language_of_the_sender,
    a_line_without_an_end_is_refused_at_its_limit,
    what_unpacks_to_gigabytes_is_refused_at_its_limit,
    nobody_and_those_without_the_scope_are_refused_before_the_content_is_read,
    what_is_not_said_to_be_lines_is_refused,
);

/// A body of endless equal pieces, and how many of them were taken.
fn endless(piece: &'static [u8]) -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = taken.clone();
    let pieces = std::iter::repeat_with(move || {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok::<_, Infallible>(Bytes::from_static(piece))
    });
    // Two gigabytes, should nobody stop it.
    let count = (2 << 30) / piece.len();
    (Body::from_stream(stream::iter(pieces.take(count))), taken)
}

async fn content_that_is_no_lines_is_refused_and_its_key_stays_free(app: TestApp) {
    let sender = Sender::of(&app).await;
    let padaria = global(account(&app, "Padaria", None).await.id);
    let good = line("logins", &padaria, "2026-01-18", 3);
    let packed = gzip(good.as_bytes());
    let mut damaged = packed.clone();
    let middle = damaged.len() - 6;
    damaged[middle] ^= 0xff;
    let latin: Vec<u8> = [good.as_bytes(), b"\n{\"metric\": \"cora\xe7\xe3o\"}"].concat();
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(As, Vec<u8>, &str, &str); 8] = [
        (As::Plain, latin, "400 NOT_UTF8", "line 2 is not UTF-8"),
        (As::Plain, [b"\xff\xfe".to_vec(), utf16].concat(), "400 NOT_UTF8", "line 1 "),
        (As::Plain, packed.clone(), "400 NOT_UTF8", "line 1 "),
        (As::Gzip, good.clone().into_bytes(), "400 NOT_GZIP", "after line 0"),
        (As::Gzip, packed[..packed.len() - 9].to_vec(), "400 CUT_OFF", "after line 0"),
        (As::Gzip, Vec::new(), "400 CUT_OFF", "after line 0"),
        (As::Gzip, damaged, "400 CUT_OFF", "was damaged"),
        (As::Gzip, [packed, good.clone().into_bytes()].concat(), "400 NOT_GZIP", "after line"),
    ];
    for (how, body, code, message) in cases {
        let (status, answer) = sender.send("monday", how, body.into()).await;
        let error = &answer["errors"][0];
        let told = error["extensions"]["code"].as_str().unwrap_or_default();
        assert_eq!(format!("{} {told}", status.as_u16()), code, "{answer:#}");
        assert!(error["message"].as_str().is_some_and(|m| m.contains(message)), "{answer:#}");
    }
    let answer = sender.load("monday", &[format!("\u{feff}{good}\r"), String::new()]).await;
    assert_eq!(counts(&answer), [1, 1, 0, 0]);
}

async fn why_a_load_stops_is_told_in_the_language_of_the_sender(app: TestApp) {
    let sender = Sender::of(&app).await;
    for (language, expected) in [
        ("EN", "The text of line 1 is not UTF-8. Save it as UTF-8"),
        ("PT_BR", "O texto da linha 1 não está em UTF-8. Salve-o em UTF-8"),
    ] {
        let input = format!("{{ locale: {language} }}");
        let change =
            format!("mutation {{ workspaceUpdate(input: {input}) {{ userErrors {{ code }} }} }}");
        app.data(&app.home().await.token, &change, Value::Null).await;
        let request = Request::post("/import/metrics?key=monday")
            .header(header::AUTHORIZATION, format!("Bearer {}", sender.token))
            .header(header::CONTENT_TYPE, "application/x-ndjson")
            .body(Body::from(&b"caf\xe9"[..]));
        let (_, _, answer) = app.request(request.expect("a request")).await;
        let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.starts_with(expected), "{message}");
    }
}

async fn a_line_without_an_end_is_refused_at_its_limit(app: TestApp) {
    let sender = Sender::of(&app).await;
    static PIECE: [u8; 8 << 10] = [b'x'; 8 << 10];
    let (body, taken) = endless(&PIECE);
    assert_eq!(sender.refused("monday", As::Plain, body).await, "413 LINE_TOO_LONG");
    let taken = taken.load(Ordering::Relaxed);
    assert!(taken <= 4, "{taken} pieces of two gigabytes were taken");
}

async fn what_unpacks_to_gigabytes_is_refused_at_its_limit(app: TestApp) {
    let sender = Sender::of(&app).await;
    let times = |piece: Vec<u8>| piece.repeat((2usize << 30) / (4 << 20));
    let lines = times(gzip(&vec![b'\n'; 4 << 20]));
    assert!(lines.len() < 16 << 20, "two gigabytes are packed into {} bytes", lines.len());
    assert_eq!(sender.refused("monday", As::Gzip, lines).await, "413 UNPACKS_TOO_FAR");
    let one_line = times(gzip(&vec![0; 4 << 20]));
    assert_eq!(sender.refused("monday", As::Gzip, one_line).await, "413 UNPACKS_TOO_FAR");
    let long = gzip(&[0; 512 << 10]);
    assert_eq!(sender.refused("monday", As::Gzip, long).await, "413 LINE_TOO_LONG");
    // Packed within packed it is no lines either.
    let twice = gzip(&gzip(&vec![b'\n'; 4 << 20]));
    assert_eq!(sender.refused("monday", As::Gzip, twice).await, "400 NOT_UTF8");
}

async fn nobody_and_those_without_the_scope_are_refused_before_the_content_is_read(app: TestApp) {
    let sender = Sender::of(&app).await;
    let csm = app.user(Role::Csm).await;
    let reader = app.token_of(csm.id, &["metrics:read", "accounts:write"]).await;
    for (token, code) in [
        (None, "401 UNAUTHENTICATED"),
        (Some("nonsense".to_owned()), "401 UNAUTHENTICATED"),
        (Some(app.token(Role::Viewer).await), "403 FORBIDDEN"),
        (Some(reader), "403 FORBIDDEN"),
    ] {
        static PIECE: [u8; 8 << 10] = [b'\n'; 8 << 10];
        let (body, taken) = endless(&PIECE);
        let mut request = Request::post("/import/metrics?key=monday")
            .header(header::CONTENT_TYPE, "application/x-ndjson");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let (status, _, answer) = app.request(request.body(body).expect("a request")).await;
        let told = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
        assert_eq!(format!("{} {told}", status.as_u16()), code);
        assert_eq!(taken.load(Ordering::Relaxed), 0, "{code}");
    }
    let query = "{ metricLoads { nodes { id } } }";
    let seen = app.data(&sender.token, query, Value::Null).await;
    assert_eq!(seen["metricLoads"]["nodes"], Value::Array(Vec::new()));
}

async fn what_is_not_said_to_be_lines_is_refused(app: TestApp) {
    let sender = Sender::of(&app).await;
    let send = async |uri: &str, kind: &str, encoding: &str| {
        let request = Request::post(uri)
            .header(header::AUTHORIZATION, format!("Bearer {}", sender.token))
            .header(header::CONTENT_TYPE, kind)
            .header(header::CONTENT_ENCODING, encoding);
        let (status, _, answer) =
            app.request(request.body(Body::empty()).expect("a request")).await;
        (status, answer["errors"][0]["extensions"]["code"].clone())
    };
    let (uri, lines) = ("/import/metrics?key=monday", "application/x-ndjson");
    for (kind, encoding) in [
        ("application/json", ""),
        ("application/x-www-form-urlencoded", ""),
        (lines, "br"),
        (lines, "gzip, gzip"),
    ] {
        let unsupported = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let told = send(uri, kind, encoding).await;
        assert_eq!(told, (unsupported, "UNSUPPORTED_MEDIA_TYPE".into()), "{kind} {encoding}");
    }
    assert_eq!(send(uri, "application/x-ndjson; charset=utf-8", "").await.0, StatusCode::OK);
    let long = format!("/import/metrics?key={}", "x".repeat(201));
    for (uri, code) in [
        ("/import/metrics", "REQUIRED"),
        ("/import/metrics?key=%20", "REQUIRED"),
        (&long, "TOO_LONG"),
    ] {
        assert_eq!(send(uri, lines, "").await, (StatusCode::BAD_REQUEST, code.into()), "{uri}");
    }
}
