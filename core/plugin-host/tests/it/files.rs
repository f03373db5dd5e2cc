//! Files that are no plugins, or not those that they say they are. Nothing of them runs.

use jornada_plugin_host::Component;
use jornada_plugin_host::error::LoadError;
use jornada_plugin_host::package::package;

use crate::support::{
    SCORE, TASK, built, limits, load, manifest, packaged, parsed, plugin_of, text, unnoticed,
};

fn refused(bytes: Vec<u8>) -> LoadError {
    Component::inspect(bytes, &limits()).expect_err("it was let in")
}

/// A component as text, with a manifest of this kind.
fn component(text: &str, kind: &str) -> Vec<u8> {
    let manifest = manifest(kind).to_string().replace('"', "\\\"");
    wat::parse_str(text.replace("MANIFEST", &manifest)).unwrap()
}

const HEALTH_SCORE: &str = "jornada:score/health-score@1.0.0";

fn importing(import: &str, export: &str) -> Vec<u8> {
    let text = text("imports").replace("IMPORT", import).replace("EXPORT", export);
    component(&text, SCORE)
}

#[test]
fn what_is_beyond_its_world_is_refused_by_its_full_name() {
    for import in [
        "wasi:cli/environment@0.2.0",
        "wasi:clocks/wall-clock@0.2.0",
        "wasi:filesystem/preopens@0.2.0",
        "wasi:filesystem/types@0.2.0",
        "wasi:http/outgoing-handler@0.2.0",
        "wasi:io/streams@0.2.0",
        "wasi:random/random@0.2.0",
        "wasi:sockets/tcp@0.2.0",
        "jornada:host/http@1.0.0",
        "jornada:host/kv@1.0.0",
        "jornada:host/log",
        "somebody:else/log@1.0.0",
    ] {
        match refused(importing(import, HEALTH_SCORE)) {
            LoadError::ForeignImport { import: named, kind } => {
                assert_eq!((named.as_str(), kind), (import, SCORE));
            }
            other => panic!("{import}: {other:?}"),
        }
    }
}

#[test]
fn a_module_with_system_calls_is_not_made_a_plugin() {
    let system = r#"(import "wasi_snapshot_preview1" "fd_write"
        (func (param i32 i32 i32 i32) (result i32)))"#;
    let attack = "(func $attack (result i32) unreachable)";
    let error = plugin_of(&format!("(module {system} {} {attack})", text("frame"))).unwrap_err();
    assert!(error.to_string().contains("wasi_snapshot_preview1"), "{error}");
}

#[test]
fn one_that_needs_a_newer_contract_says_which() {
    for (import, export, needed) in [
        ("jornada:host/log@1.1.0", HEALTH_SCORE, "jornada:host/log@1.1.0"),
        ("jornada:host/log@2.0.0", HEALTH_SCORE, "jornada:host/log@2.0.0"),
        (
            "jornada:host/log@1.0.0",
            "jornada:score/health-score@1.1.0",
            "jornada:score/health-score@1.1.0",
        ),
    ] {
        match refused(importing(import, export)) {
            error @ LoadError::TooNew { .. } => {
                let told = error.to_string();
                assert!(told.starts_with(&format!("it needs {needed}, and this server")), "{told}");
            }
            other => panic!("{import} {export}: {other:?}"),
        }
    }
}

#[test]
fn a_manifest_that_lies_about_its_exports_is_found_out() {
    let lies = package(&built("steady"), &parsed(&manifest(TASK))).unwrap();
    let LoadError::OtherKind { said, exported } = refused(lies) else { panic!("another end") };
    assert_eq!(said, TASK);
    assert!(exported.contains(HEALTH_SCORE), "{exported}");
    let none = importing("jornada:host/log@1.0.0", "somebody:else/score@1.0.0");
    assert!(matches!(refused(none), LoadError::OtherKind { .. }));
}

#[test]
fn an_export_of_another_type_does_not_fit_the_contract() {
    let wrong = component(&text("wrong-types"), SCORE);
    let error = unnoticed(limits(), |host| load(host, wrong).err().unwrap());
    assert!(matches!(error, LoadError::Contract(_)), "{error:?}");
    let empty = importing("jornada:host/log@1.0.0", HEALTH_SCORE);
    let error = unnoticed(limits(), |host| load(host, empty).err().unwrap());
    assert!(matches!(error, LoadError::Contract(_)), "{error:?}");
}

#[test]
fn a_file_that_is_cut_off_is_no_plugin_wherever_it_ends() {
    let whole = packaged("steady", SCORE);
    let ends = (0..whole.len()).step_by(997).chain(whole.len() - 600..whole.len());
    for end in ends {
        match refused(whole[..end].to_vec()) {
            LoadError::Malformed(_) | LoadError::NoManifest => {}
            other => panic!("cut off at {end}: {other:?}"),
        }
    }
}

/// Numbers that are the same in every run (xorshift).
fn numbers(mut state: u64) -> impl Iterator<Item = u64> {
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    })
}

#[test]
fn random_bytes_are_no_plugin() {
    for seed in 1..200 {
        let bytes: Vec<u8> = numbers(seed).take(40).flat_map(u64::to_le_bytes).collect();
        assert!(matches!(refused(bytes.clone()), LoadError::Malformed(_)));
        let with_header = [b"\0asm\x0d\0\x01\0".as_slice(), &bytes].concat();
        assert!(matches!(refused(with_header), LoadError::Malformed(_)));
    }
}

#[test]
fn a_file_with_a_bit_turned_over_is_another_one_or_none() {
    let whole = packaged("steady", SCORE);
    let digest = Component::inspect(whole.clone(), &limits()).unwrap().digest;
    for number in numbers(7).take(150) {
        let mut bytes = whole.clone();
        let place = usize::try_from(number >> 3).unwrap() % bytes.len();
        bytes[place] ^= 1 << (number & 7);
        if let Ok(other) = Component::inspect(bytes, &limits()) {
            assert_ne!(other.digest, digest);
        }
    }
}

#[test]
fn a_plugin_has_no_debug_information_in_it_but_its_names() {
    let module = built("telco-churn-health");
    let has = |bytes: &[u8], words: &str| bytes.windows(words.len()).any(|w| w == words.as_bytes());
    let with_debug = {
        let mut module = module;
        let data = std::borrow::Cow::Borrowed(b"folder-of-an-author".as_slice());
        let section = wasm_encoder::CustomSection { name: ".debug_str".into(), data };
        wasm_encoder::Section::append_to(&section, &mut module);
        module
    };
    let plugin = package(&with_debug, &parsed(&manifest(SCORE))).unwrap();
    assert!(has(&with_debug, ".debug_str") && !has(&plugin, ".debug"));
    assert!(!has(&plugin, "folder-of-an-author"));
    assert!(has(&plugin, "telco_churn_health"), "the names of functions are there");
    assert!(Component::inspect(plugin, &limits()).is_ok());
}

#[test]
fn what_is_missing_is_said() {
    assert!(matches!(refused(built("steady")), LoadError::NotAComponent));
    let bare = wat::parse_str("(component)").unwrap();
    assert!(matches!(refused(bare), LoadError::NoManifest));
    let large = vec![0; usize::try_from(limits().artifact_bytes).unwrap() + 1];
    let LoadError::TooLarge { bytes, max } = refused(large) else { panic!("another end") };
    assert_eq!(bytes, max + 1);
}

#[test]
fn an_unsound_manifest_is_named_with_its_field() {
    let mut unsound = manifest(SCORE);
    unsound["plugin"]["id"] = "No Id".into();
    let text = format!(
        r#"(component (@custom "jornada:manifest" "{}"))"#,
        unsound.to_string().replace('"', "\\\"")
    );
    let LoadError::BadManifest(told) = refused(wat::parse_str(text).unwrap()) else {
        panic!("another end")
    };
    assert!(told.starts_with("plugin.id: "), "{told}");
}
