//! What it costs to load and check a large set of rules: 1,000 types with their phrases, and 500 people.
//!
//! `cargo bench --bench check`. The shipped rules are measured beside it, and so are their tests.

#![expect(clippy::unwrap_used, reason = "a measurement that fails is none")]

use std::fmt::Write as _;
use std::fs;

use divan::Bencher;
use koppelwacht::app::Installation;
use koppelwacht::findings::Findings;
use koppelwacht::rules::Rules;
use tempfile::TempDir;

const TYPES: usize = 1_000;
const PEOPLE: usize = 500;

fn main() {
    divan::main();
}

fn shipped() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in Rules::shipped_files() {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

/// The shipped rules, with this many types and people besides.
fn large() -> TempDir {
    let dir = shipped();
    let mut people = String::new();
    let mut deputies = Vec::new();
    for number in 0..PEOPLE {
        let _ = writeln!(
            people,
            "[[person]]\nid = \"p{number}\"\nname = \"Persoon {number}\"\naddress = \"p{number}@voorbeeld.nl\"\n"
        );
        deputies.push(format!("\"p{number}\""));
    }
    let _ = writeln!(
        people,
        "[[caseload]]\nid = \"groot\"\ntitle = \"Groot\"\nowner = \"p0\"\ndeputies = [{}]\n\
         functional = \"groot@voorbeeld.nl\"\n\n[[route]]\ntypes = [\"coa.nr0\"]\ncaseload = \"groot\"\n",
        deputies[1..].join(", ")
    );
    fs::write(dir.path().join("aa-mensen.toml"), people).unwrap();
    let mut types = String::new();
    for number in 0..TYPES {
        let _ = writeln!(
            types,
            "[[notification]]\nid = \"coa.nr{number}\"\ntitle = \"Soort {number}\"\nkind = \"info\"\ndo = \"Lezen\"\n\
             due = \"5 wd\"\nladder = \"gewoon\"\nnever = [\"geen soort{number}\"]\n\n[[notification.recognise]]\n\
             name = \"woorden\"\nsource = \"coa\"\nany = [\"soort{number} gemeld\", \"melding soort{number}\", \
             \"bericht * soort{number}\", \"kenmerk{number}*\"]\nall = [\"melding{number}\"]\nnone = [\"storing{number}\"]\n"
        );
    }
    fs::write(dir.path().join("zz-soorten.toml"), types).unwrap();
    dir
}

fn load(dir: &TempDir) -> Rules {
    let mut findings = Findings::new();
    Rules::load(dir.path(), &mut findings).unwrap_or_else(|| panic!("{findings}"))
}

#[divan::bench(sample_count = 20)]
fn large_set(bencher: Bencher) {
    let dir = large();
    let rules = load(&dir);
    assert!(rules.types.len() > TYPES && rules.people.len() > PEOPLE);
    bencher.bench_local(|| load(&dir));
}

#[divan::bench]
fn shipped_set(bencher: Bencher) {
    let dir = shipped();
    bencher.bench_local(|| load(&dir));
}

#[divan::bench]
fn shipped_tests(bencher: Bencher) {
    let installation = Installation::load(None, &mut Findings::new()).unwrap();
    bencher.bench_local(|| {
        let mut findings = Findings::new();
        assert!(installation.rehearse(&mut findings) > 0 && findings.is_empty());
    });
}
