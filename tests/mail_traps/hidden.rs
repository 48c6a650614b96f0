//! Text that a reader of the mail does not see, and text that only looks hidden.

use super::{from, read};

fn text_of(html: &str) -> String {
    read(&from(
        "a@coa.nl",
        &format!("Content-Type: text/html; charset=utf-8\n\n{html}"),
    ))
    .text
}

/// Each page hides `koppeling` and shows `Profiel`.
#[test]
fn what_is_hidden_is_not_read() {
    let hidden = [
        "<style>.weg{display:none}</style><div class=weg>koppeling</div>Profiel",
        "<html><head><style type='text/css'>/* x */ .a, span.pre-header { display : none !important; } </style></head><body><span class='x pre-header'>koppeling</span>Profiel",
        "<style>#pre{color:#ffffff}</style><div id=pre>koppeling</div>Profiel",
        "<style><!-- .wit{color:white} --></style><p class=wit>koppeling<p>Profiel",
        "<style>@media print{.x{color:red}} .weg{visibility:hidden}</style><div class=weg>koppeling</div>Profiel",
        "<div style='background:#154273;color:#154273'>koppeling</div>Profiel",
        "<div style='background-color:rgb(21,66,115);color:#154274'>koppeling</div>Profiel",
        "<table bgcolor='#eeeeee'><tr><td><font color='#EEEEEE'>koppeling</font></td></tr></table>Profiel",
        "<body bgcolor=yellow><span style='color:#ffff00'>koppeling</span>Profiel",
        "<div style='color:transparent'>koppeling</div>Profiel",
        "<div style='color:rgba(0,0,0,0)'>koppeling</div>Profiel",
        "<div style='height:0;overflow:hidden'>koppeling</div>Profiel",
        "<div style='overflow:hidden;width:0px'>koppeling</div>Profiel",
        "<div style='position:absolute;left:-9999px'>koppeling</div>Profiel",
        "<div style='text-indent:-9999px'>koppeling</div>Profiel",
        "<div style='margin-left:-5000px'>koppeling</div>Profiel",
        "<div style='position:absolute;clip:rect(0,0,0,0)'>koppeling</div>Profiel",
        "<div style='font:0/0 a'>koppeling</div>Profiel",
        "<div style='font-size:0.01em'>koppeling</div>Profiel",
        "<div style='opacity:0.01'>koppeling</div>Profiel",
        "<div style='filter:alpha(opacity=0)'>koppeling</div>Profiel",
        "<div style=\"display:none;font-size:1px;color:#333333;line-height:1px;max-height:0px;max-width:0px;opacity:0;overflow:hidden\">koppeling</div>Profiel",
        "<font size=1 style='color:WHITE'>koppeling</font>Profiel",
        "<!--[if mso]><p>koppeling</p><![endif]-->Profiel",
        "<!--[if gte mso 9]><xml>koppeling</xml><![endif]--><!--[if !mso]><!-->Profiel<!--<![endif]-->",
        "<svg><title>koppeling</title></svg>Profiel",
        "<div style='display:none'><table><tr><td>koppeling</td></tr></table></div>Profiel",
        "<p style='display:none'>koppeling<p>Profiel",
        "<div style='DISPLAY:NONE'>koppeling<br>koppeling<img src=x></div>Profiel",
        "<div style='display:/**/none'>koppeling</div>Profiel",
        "<div style='color:hsl(0,0%,100%)'>koppeling</div>Profiel",
    ];
    let wrong: Vec<_> = hidden
        .iter()
        .filter(|html| text_of(html) != "Profiel")
        .map(|html| (html, text_of(html)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Each page shows a koppeling in a way that could be taken for hiding.
#[test]
fn what_is_seen_is_read() {
    let seen = [
        "<style>@media only screen and (max-width:600px){.weg{display:none}}</style><div class=weg>koppeling</div>",
        "<style>.weg{display:none}</style><div class=weg2>koppeling</div>",
        "<style>.weg .diep{display:none}</style><div class=diep>koppeling</div>",
        "<style>.a:hover{display:none}</style><div class=a>koppeling</div>",
        "<style>a{color:#fff} .b{color:#000}</style><p class=b>koppeling</p>",
        "<style>.kop{background:#154273;color:#fff}</style><div class=kop>koppeling</div>",
        "<style>.kop{color:#fff}</style><td bgcolor=#154273><span class=kop>koppeling</span></td>",
        "<style>.x{display:none}</style><div class=x style='display:block'>koppeling</div>",
        "<div style='background:url(x.png);color:#fff'>koppeling</div>",
        "<div style='background:linear-gradient(#154273,#000);color:#fff'>koppeling</div>",
        "<div style='height:0'>koppeling</div>",
        "<div style='margin-left:-15px'>koppeling</div>",
        "<div style='position:absolute;left:-2px'>koppeling</div>",
        "<div style='font:bold 14px/0 Arial'>koppeling</div>",
        "<div style='font-size:0.8em'>koppeling</div>",
        "<div style='color:#888;background:#eee'>koppeling</div>",
        "<div style='opacity:0.9'>koppeling</div>",
        "<body bgcolor=black text=white>koppeling",
        "<style>}}}{{{ .x{display:none}</style>koppeling",
        "<div style='color:#000' style='display:none'>koppeling</div>",
        "<td style='font-size:0'><span style='font-size:14px'>koppeling</span></td>",
        "<table style='visibility:hidden'><td style='visibility:visible'>koppeling</td></table>",
        "<div style='overflow:hidden;height:0px;'></div>koppeling",
        "<p>koppeling<style>.y{display:none}</style></p>",
        "<div style='background-color:white;color:#fefefe00'></div>koppeling",
    ];
    let wrong: Vec<_> = seen
        .iter()
        .filter(|html| text_of(html) != "koppeling")
        .map(|html| (html, text_of(html)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_page_that_hides_everything_has_no_text_and_is_for_a_human() {
    let mail = read(&from(
        "a@coa.nl",
        "Content-Type: text/html\n\n<style>p{display:none}</style><p>koppeling</p>",
    ));
    assert!(mail.flaws.iter().any(|flaw| flaw.touches_text()), "{mail:?}");
}

#[test]
fn style_sheets_of_any_size_end() {
    let many: String = (0..100_000).map(|at| format!(".c{at}{{color:#fff}}")).collect();
    assert_eq!(
        text_of(&format!("<style>{many}</style><p class=c99999>koppeling</p>")),
        "koppeling"
    );
    let classes = "c1 ".repeat(100_000);
    let _ = text_of(&format!("<style>{}</style><p class='{classes}'>x</p>", many));
}
