//! HTML without end.

use super::{Made, filled, numbered, page, with_body};

pub(super) const MONSTERS: &[Made] = &[
    ("entities", |size| page(&filled("&amp;&#x41;&euml;", size))),
    ("entities that are none", |size| {
        page(&filled("&CounterClockwiseContourIntegra", size))
    }),
    ("ampersands", |size| page(&filled("&", size))),
    ("less-than signs", |size| page(&filled("<", size))),
    ("end tags that begin", |size| page(&filled("</", size))),
    ("tags that begin", |size| page(&filled("<a ", size))),
    ("one tag", |size| page(&format!("<{}>x", filled("a", size)))),
    ("nested elements", |size| {
        page(&format!("{}x", filled("<div>", size)))
    }),
    ("nested elements that end", |size| {
        page(&format!(
            "{}x{}",
            filled("<div>", size / 2),
            filled("</div>", size / 2)
        ))
    }),
    ("end tags of nothing", |size| {
        page(&format!("{}{}", "<b>".repeat(127), filled("</i>", size)))
    }),
    ("nested quotations", |size| page(&filled("<blockquote>x", size))),
    ("misnested elements", |size| page(&filled("<b><i></b></i>", size))),
    ("cells", |size| {
        page(&format!("<table>{}", filled("<tr><td>x<td>", size)))
    }),
    ("breaks", |size| page(&filled("<br>", size))),
    ("empty paragraphs", |size| page(&filled("<p></p>", size))),
    ("hidden text", |size| {
        page(&format!(
            "<div style=display:none>{}</div>x",
            filled("koppeling ", size)
        ))
    }),
    ("hidden elements", |size| {
        page(&filled("<p style='display:none;color:#fff'>x</p>", size))
    }),
    ("a style sheet", |size| {
        page(&format!("<style>{}</style>x", filled("p{color:red}", size)))
    }),
    ("a style sheet without end", |size| {
        page(&format!("<style>{}", filled("</styl", size)))
    }),
    ("a script", |size| {
        page(&format!("<script>{}</script>x", filled("<!--<script>", size)))
    }),
    ("a title", |size| {
        page(&format!("<title>{}", filled("&amp;", size)))
    }),
    ("style attributes", |size| {
        page(&format!("<p style='{}'>x", filled("color:red;", size)))
    }),
    ("attributes", |size| {
        page(&format!("<p {}>x", numbered(size, |at| format!("a{at}=b "))))
    }),
    ("the same attribute", |size| {
        page(&format!("<p {}>x", filled("a=b ", size)))
    }),
    ("an attribute", |size| {
        page(&format!("<p a='{}'>x", filled("b&amp;", size)))
    }),
    ("an attribute without end", |size| {
        page(&format!("<p a='{}", filled("b", size)))
    }),
    ("comments", |size| page(&filled("<!-- x -->", size))),
    ("a comment", |size| {
        page(&format!("<!--{}-->x", filled("-", size)))
    }),
    ("comments that begin", |size| page(&filled("<!--", size))),
    ("comments that end badly", |size| {
        page(&format!("<!--{}", filled("--!", size)))
    }),
    ("a doctype", |size| {
        page(&format!("<!DOCTYPE {}>x", filled("html ", size)))
    }),
    ("cdata", |size| page(&filled("<![CDATA[x]]>", size))),
    ("processing instructions", |size| page(&filled("<?xml ?>", size))),
    ("a picture in the page", |size| {
        page(&format!(
            "<img src='data:image/png;base64,{}'>x",
            filled("iVBORw0KGgo", size)
        ))
    }),
    ("links to portals", |size| {
        page(&filled("<a href='https://zivver.comx/'>", size))
    }),
    ("quoted-printable pages", |size| {
        with_body(
            "text/html; charset=utf-8",
            "quoted-printable",
            &filled("<p style=3D'color:red'>=20=\r\n", size),
        )
    }),
];
