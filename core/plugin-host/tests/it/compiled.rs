//! Compiling in a process of its own, and what is kept of it: nothing that somebody changed is run.

use std::fs;
use std::path::{Path, PathBuf};

use jornada_plugin_host::compile::Compiler;
use jornada_plugin_host::error::LoadError;
use jornada_plugin_host::{Component, Host, Limits, Settings};

use crate::support::{SCORE, compiler, folder, limits, packaged, plugin_of, text, unnoticed};

const KEY: [u8; 32] = [7; 32];

/// What is loaded with it comes from the cache, or not at all.
fn no_compiler() -> Compiler {
    Compiler { program: "/nowhere/compiler".into(), arguments: Vec::new() }
}

fn load(cache: &Path, key: [u8; 32], compiler: Compiler) -> Result<(), LoadError> {
    let settings = Settings { limits: limits(), compiler, cache: Some((cache.to_owned(), key)) };
    let component = Component::inspect(packaged("rogue", SCORE), &limits())?;
    Host::new(settings)?.load(&component).map(|_| ())
}

/// A cache with one plugin in it, and its file.
fn filled(name: &str) -> (PathBuf, PathBuf) {
    let cache = folder(name);
    load(&cache, KEY, compiler()).unwrap();
    let files: Vec<_> = fs::read_dir(&cache).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    (cache, files[0].clone())
}

/// Changes the file that is kept: it is not loaded, and is compiled anew where there is a compiler.
fn is_not_loaded(name: &str, change: impl Fn(&mut Vec<u8>)) {
    let (cache, file) = filled(name);
    let mut changed = fs::read(&file).unwrap();
    change(&mut changed);
    fs::write(&file, &changed).unwrap();
    assert!(matches!(load(&cache, KEY, no_compiler()), Err(LoadError::Io(_))), "it was loaded");
    load(&cache, KEY, compiler()).unwrap();
    assert_ne!(fs::read(&file).unwrap(), changed, "it was not compiled anew");
    load(&cache, KEY, no_compiler()).unwrap();
}

#[test]
fn what_is_kept_is_not_compiled_again() {
    let (cache, _) = filled("kept");
    load(&cache, KEY, no_compiler()).unwrap();
}

#[test]
fn one_bit_is_enough_to_be_not_loaded() {
    is_not_loaded("bit-of-seal", |bytes| bytes[5] ^= 1);
    is_not_loaded("bit-of-code", |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    });
}

#[test]
fn one_that_is_cut_off_is_not_loaded() {
    is_not_loaded("cut-off", |bytes| bytes.truncate(bytes.len() - 1));
    is_not_loaded("cut-within-the-seal", |bytes| bytes.truncate(20));
    is_not_loaded("empty", Vec::clear);
}

#[test]
fn one_that_another_server_sealed_is_not_loaded() {
    let (cache, _) = filled("other-key");
    assert!(matches!(load(&cache, [8; 32], no_compiler()), Err(LoadError::Io(_))));
}

#[test]
fn one_under_the_name_of_another_is_not_loaded() {
    let (cache, file) = filled("other-name");
    let other = Component::inspect(packaged("steady", SCORE), &limits()).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    let (_, engine) = name.split_once('-').unwrap();
    fs::copy(&file, cache.join(format!("{}-{engine}", other.digest))).unwrap();
    let settings =
        Settings { limits: limits(), compiler: no_compiler(), cache: Some((cache, KEY)) };
    let loaded = Host::new(settings).unwrap().load(&other);
    assert!(matches!(loaded, Err(LoadError::Io(_))));
}

#[test]
fn the_same_plugin_can_be_loaded_many_times_at_once() {
    let cache = folder("at-once");
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| load(&cache, KEY, compiler()).unwrap());
        }
    });
    assert_eq!(fs::read_dir(&cache).unwrap().count(), 1, "drafts were left");
    load(&cache, KEY, no_compiler()).unwrap();
}

#[test]
fn what_cannot_be_kept_is_loaded_all_the_same() {
    let cache = folder("not-there");
    let settings =
        Settings { limits: limits(), compiler: compiler(), cache: Some((cache.clone(), KEY)) };
    let host = Host::new(settings).unwrap();
    fs::remove_dir(&cache).unwrap();
    let component = Component::inspect(packaged("rogue", SCORE), &limits()).unwrap();
    assert!(host.load(&component).is_ok());
}

#[test]
fn the_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (cache, _) = filled("folder");
    assert_eq!(fs::metadata(cache).unwrap().permissions().mode() & 0o777, 0o700);
}

/// A plugin of one function that is very long, and so hard to compile.
fn hard() -> Vec<u8> {
    let step = "(local.set 0 (i64.mul (local.get 0) (local.get 0)))";
    let function =
        format!("(func $attack (result i32) (local i64) {} unreachable)", step.repeat(60_000));
    plugin_of(&format!("(module {} {function})", text("frame"))).unwrap()
}

/// What comes of compiling something hard with these limits, while another plugin works.
fn compiled(limits: Limits) -> LoadError {
    unnoticed(self::limits(), |_| {
        let component = Component::inspect(hard(), &limits).unwrap();
        let host = Host::new(Settings { limits, compiler: compiler(), cache: None }).unwrap();
        host.load(&component).err().expect("it was compiled")
    })
}

#[test]
fn a_compiler_that_takes_too_long_is_ended() {
    let error = compiled(Limits { compile_seconds: 0, ..limits() });
    assert!(matches!(error, LoadError::CompileTimeout(_)), "{error:?}");
    assert!(error.to_string().contains("within 0ns"), "{error}");
}

#[test]
fn a_compiler_that_takes_too_much_memory_is_ended() {
    for mib in [8, 24] {
        let bytes = mib << 20;
        let error = compiled(Limits { compile_memory_bytes: bytes, ..limits() });
        let LoadError::CompileMemory { bytes: told } = error else { panic!("{mib}: {error:?}") };
        assert_eq!(told, bytes);
    }
}

#[test]
fn a_compiler_that_fails_is_quoted() {
    let broken = Compiler { arguments: vec!["nonsense".to_owned()], ..compiler() };
    let LoadError::Compile(told) = load(&folder("broken"), KEY, broken).unwrap_err() else {
        panic!("another end")
    };
    assert_eq!(told, "say how many bytes of memory it may take");
}
