//! Files that hold the only text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use koppelwacht::domain::{Flaw, Mail};
use lopdf::content::{Content, Operation};
use lopdf::{Document, EncryptionState, EncryptionVersion, Object, Permissions, Stream, dictionary};

use super::{from, read};

/// A PDF with these pages; an empty one is a scan.
fn pdf(pages: &[&str]) -> Document {
    let mut document = Document::with_version("1.5");
    let tree = document.new_object_id();
    let font =
        document.add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier" });
    let resources = document.add_object(dictionary! { "Font" => dictionary! { "F1" => font } });
    let kids: Vec<Object> = pages
        .iter()
        .map(|text| {
            let mut operations = vec![
                Operation::new("BT", vec![]),
                Operation::new("Tf", vec!["F1".into(), 12.into()]),
            ];
            if !text.is_empty() {
                operations.push(Operation::new("Tj", vec![Object::string_literal(*text)]));
            }
            operations.push(Operation::new("ET", vec![]));
            let content = Content { operations }.encode().expect("operations");
            let content = document.add_object(Stream::new(dictionary! {}, content));
            document
                .add_object(dictionary! { "Type" => "Page", "Parent" => tree, "Contents" => content })
                .into()
        })
        .collect();
    let count = i64::try_from(kids.len()).expect("few");
    let root = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count, "Resources" => resources,
    "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()] };
    document.objects.insert(tree, Object::Dictionary(root));
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    document.trailer.set(
        "ID",
        Object::Array(vec![
            Object::string_literal("0123456789abcdef"),
            Object::string_literal("0123456789abcdef"),
        ]),
    );
    document
}

fn saved(mut document: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("in memory");
    bytes
}

/// A mail of a partner with a text and a file.
fn with_file(text: &str, kind: &str, name: &str, bytes: &[u8]) -> Mail {
    let encoded = STANDARD.encode(bytes);
    read(&from(
        "a@coa.nl",
        &format!(
            "Subject: Bericht\nContent-Type: multipart/mixed; boundary=grens\n\n--grens\nContent-Type: text/plain\n\n{text}\n--grens\nContent-Type: \
             {kind}; name=\"{name}\"\nContent-Disposition: attachment; filename=\"{name}\"\nContent-Transfer-Encoding: base64\n\n{encoded}\n--grens--\n"
        ),
    ))
}

fn is_for_a_human(mail: &Mail) -> bool {
    mail.flaws.iter().any(|flaw| flaw.touches_text())
}

#[test]
fn the_text_of_a_pdf_is_the_mails_where_that_only_points_to_it() {
    let notice = saved(pdf(&[
        "Er is een koppeling. V-nummer 9900149732",
        "Met groet, COA",
    ]));
    for (text, kind) in [
        ("Zie bijlage.", "application/pdf"),
        ("", "application/octet-stream"),
        (
            "Geachte heer,\n\nBijgaand de brief.\n\nMet vriendelijke groet,\nCOA",
            "application/pdf",
        ),
    ] {
        let mail = with_file(text, kind, "brief.pdf", &notice);
        assert!(mail.text.contains("Er is een koppeling."), "{text}: {mail:?}");
        assert_eq!(mail.references.v_nummers, ["9900149732"]);
        assert_eq!(mail.attachments, ["brief.pdf"]);
        assert!(!is_for_a_human(&mail), "{:?}", mail.flaws);
    }
    let own = with_file(
        "De inburgeraar is verhuisd. Zie bijlage.",
        "application/pdf",
        "brief.pdf",
        &notice,
    );
    assert!(!own.text.contains("koppeling"), "a text of its own is the mail's");
}

#[test]
fn a_pdf_that_cannot_be_read_brings_a_human() {
    let scan = saved(pdf(&[""]));
    let half_a_scan = saved(pdf(&["Profiel gewijzigd", ""]));
    let mut encrypted = pdf(&["Profiel gewijzigd"]);
    let state = EncryptionState::try_from(EncryptionVersion::V2 {
        document: &encrypted,
        owner_password: "owner",
        user_password: "user",
        key_length: 40,
        permissions: Permissions::all(),
    })
    .expect("a state");
    encrypted.encrypt(&state).expect("encrypted");
    let many = saved(pdf(&["Profiel gewijzigd"; 60]));
    let good = saved(pdf(&["Profiel gewijzigd"]));
    for (name, bytes) in [
        ("scan", scan.as_slice()),
        ("half", &half_a_scan),
        ("encrypted", &saved(encrypted)),
        ("many pages", &many),
        ("cut", &good[..good.len() / 2]),
        ("nonsense", b"%PDF-1.7 nonsense"),
        ("large", &[good.clone(), vec![b' '; 9 << 20]].concat()),
    ] {
        let mail = with_file(
            "In de bijlage vindt u het gewijzigde profiel.",
            "application/pdf",
            "brief.pdf",
            bytes,
        );
        assert!(mail.flaws.contains(&Flaw::ClosedAttachment), "{name}: {mail:?}");
    }
    for (name, kind) in [
        (
            "brief.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("scan.tif", "image/tiff"),
    ] {
        assert!(
            is_for_a_human(&with_file("zie bijlage", kind, name, b"x")),
            "{name}"
        );
    }
    assert!(
        is_for_a_human(&read(&from("a@coa.nl", "\nZie bijlage."))),
        "no file at all"
    );
}

#[test]
fn files_made_to_keep_a_parser_busy_do_not() {
    let start = std::time::Instant::now();
    let mut looping = pdf(&["x"]);
    let pages = looping
        .catalog()
        .and_then(|catalog| catalog.get(b"Pages"))
        .and_then(Object::as_reference)
        .expect("pages");
    if let Ok(tree) = looping.get_object_mut(pages).and_then(Object::as_dict_mut) {
        tree.set("Kids", vec![Object::Reference(pages); 1000]);
    }
    let mut bomb = pdf(&["x"]);
    let mut stream = Stream::new(dictionary! {}, vec![b' '; 64 << 20]);
    stream.compress().expect("compressed");
    bomb.add_object(stream);
    let streams = b"1 0 obj<</Type/ObjStm>>stream\nendstream endobj\n".repeat(20_000);
    let deep = [b"%PDF-1.5\n1 0 obj".as_slice(), &b"[".repeat(500_000), b"endobj"].concat();
    for bytes in [saved(looping), saved(bomb), streams, deep] {
        let _ = with_file("zie bijlage", "application/pdf", "brief.pdf", &bytes);
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn damage_anywhere_in_a_pdf_is_survived() {
    let good = saved(pdf(&["Er is een koppeling."]));
    for at in (0..good.len()).step_by(11) {
        let mut bad = good.clone();
        bad[at] ^= 0x15;
        let mail = with_file("zie bijlage", "application/pdf", "brief.pdf", &bad);
        assert!(is_for_a_human(&mail) || mail.text.len() > "zie bijlage".len());
    }
}

#[test]
fn an_invitation_is_read_where_nothing_else_is_said() {
    let invitation = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Warme overdracht\nDESCRIPTION:V-nummer 9900149732\nEND:VEVENT\nEND:VCALENDAR";
    let mail = with_file("", "text/calendar", "uitnodiging.ics", invitation);
    assert_eq!(mail.text, "Warme overdracht\nV-nummer 9900149732");
    let own = with_file(
        "De afspraak is verzet.",
        "text/calendar",
        "uitnodiging.ics",
        invitation,
    );
    assert_eq!(own.text, "De afspraak is verzet.");
}

/// A `winmail.dat` whose only text is among its properties, as Outlook's rich text makes it.
fn winmail() -> Vec<u8> {
    let text: Vec<u8> = "Er is een koppeling.\0"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let length = u32::try_from(text.len()).expect("short");
    let mut list = [
        &[1, 0, 0, 0, 0x1f, 0, 0, 0x10, 1, 0, 0, 0],
        length.to_le_bytes().as_slice(),
        &text,
    ]
    .concat();
    list.resize(list.len().next_multiple_of(4), 0);
    let length = u32::try_from(list.len()).expect("short");
    [
        b"\x78\x9f\x3e\x22\x01\x00\x01\x03\x90\x06\x00".as_slice(),
        &length.to_le_bytes(),
        &list,
        b"\0\0",
    ]
    .concat()
}

#[test]
fn a_winmail_dat_is_read_and_one_that_is_broken_brings_a_human() {
    for (kind, name) in [
        ("application/ms-tnef", "winmail.dat"),
        ("application/octet-stream", "winmail.dat"),
    ] {
        let mail = with_file("", kind, name, &winmail());
        assert_eq!(mail.text, "Er is een koppeling.", "{kind}");
        assert!(!is_for_a_human(&mail));
    }
    assert!(is_for_a_human(&with_file(
        "",
        "application/ms-tnef",
        "winmail.dat",
        &winmail()[..20]
    )));
}
