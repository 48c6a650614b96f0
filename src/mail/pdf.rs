//! The text in a PDF file, for mails whose own text only says that there is one.
//!
//! A PDF is a program for a printer; reading it takes a large parser, and files can be made that keep a parser busy for
//! hours. So it is only read where nothing else says what the mail is about, and only within bounds: the size of the
//! file, the streams in it, what each may unpack to, the pages, and the fonts over all pages (each table of letters is
//! read once for every page that names it). Whatever is amiss (encrypted, scanned, a page without a letter, letters
//! that nothing maps to text) makes it unreadable as a whole: half of a notice can be something less than the notice.
//!
//! Crates looked at: `lopdf` (taken: kept, limits for what is unpacked and for depth, guards against loops in the tree
//! of pages, tables of letters are read), `pdf-extract` (built on lopdf; panics on what it does not know and has no
//! limits), `hayro-interpret` (robust, but draws: five times the code), `pdfium-render` and `poppler` (not Rust).

use std::panic::catch_unwind;

use lopdf::{Document, LoadOptions};
use memchr::memmem;

use super::decode;

/// Larger files are scans.
const MAX_FILE: usize = 8 << 20;
/// Streams in a file, by the words that begin and end them.
const MAX_STREAM_WORDS: usize = 2000;
/// What one stream, and the content of one page, may unpack to.
const MAX_UNPACKED: usize = 1 << 20;
/// A notice is a page or two.
const MAX_PAGES: usize = 20;
/// Fonts over all pages.
const MAX_FONTS: usize = 120;
/// What lopdf writes for letters that it cannot map.
const UNMAPPED: &str = "Identity-H Unimplemented";

/// The text, page by page. None: not all of it can be read here.
pub(super) fn text(file: &[u8]) -> Option<String> {
    if file.len() > MAX_FILE
        || memmem::find_iter(file, b"stream").take(MAX_STREAM_WORDS).count() == MAX_STREAM_WORDS
    {
        return None;
    }
    // A defect of the parser makes the file unreadable, not the mail.
    catch_unwind(|| pages(file)).ok().flatten()
}

fn pages(file: &[u8]) -> Option<String> {
    let mut options = LoadOptions::default();
    options.max_decompressed_size = Some(MAX_UNPACKED);
    let document = Document::load_mem_with_options(file, options).ok()?;
    let pages = document.get_pages();
    if pages.is_empty() || pages.len() > MAX_PAGES {
        return None;
    }
    let mut text = String::new();
    let mut fonts = 0;
    for (number, page) in pages {
        fonts += document.get_page_fonts(page).ok()?.len();
        if fonts > MAX_FONTS {
            return None;
        }
        let words = document.extract_text_with_limit(&[number], MAX_UNPACKED).ok()?;
        let is_legible = words.chars().any(char::is_alphanumeric);
        if !is_legible || decode::is_damaged(&words) || words.contains(UNMAPPED) {
            return None;
        }
        text.push_str(&words);
        text.push('\n');
    }
    Some(text)
}
