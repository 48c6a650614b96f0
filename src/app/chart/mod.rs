//! The cover of each caseload week by week, as a picture that a team lead prints: a page in A4 for each, with bars, and
//! below each bar its numbers. What a bar means shows without colour.

mod band;
mod pen;

use jiff::Timestamp;
use svg::Document;
use svg::node::element::{Group, Title};

use self::band::{Band, Scale};
use self::pen::{Pen, Side, Size};
use super::Installation;
use crate::cover::{Proof, Week, in_hours};
use crate::domain::Caseload;
use crate::rules::Rules;
use crate::templates::day_in_words;

/// Tenths of a millimetre, as every length here.
type Length = u32;

/// A page in A4, lying on its side.
const PAGE: (Length, Length) = (2970, 2100);
const MARGIN: Length = 120;
/// A title with more characters than this is written smaller.
const LONG_TITLE: usize = 60;
/// How many weeks stand beside each other: half a year, and the parts of weeks at both ends.
const WEEKS_A_BAND: usize = 27;
/// Where the bands of a page begin.
const BANDS: [Length; 2] = [400, 1190];

impl Installation {
    /// What was proved, as an SVG with a page for each caseload.
    #[must_use]
    pub fn chart(&self, proof: &Proof, now: Timestamp) -> String {
        let rules = &self.office.rules;
        let caseloads: Vec<(&Caseload, Vec<Week>)> = proof
            .weeks()
            .into_iter()
            .map(|(id, weeks)| (rules.caseload(id), weeks))
            .collect();
        let pages = Length::try_from(caseloads.len()).unwrap_or(Length::MAX);
        let (width, height) = (PAGE.0, PAGE.1.saturating_mul(pages.max(1)));
        let mut document = Document::new()
            .set("lang", "nl")
            .set("width", format!("{}mm", width / 10))
            .set("height", format!("{}mm", height / 10))
            .set("viewBox", (0, 0, width, height))
            .set("font-family", "Arial, Helvetica, sans-serif")
            .add(Title::new("Vervanging per week"))
            .add(pen::page_size());
        for (number, (caseload, weeks)) in (1..).zip(&caseloads) {
            let page = Page {
                rules,
                proof,
                municipality: &self.settings.identity.municipality,
                caseload,
                weeks,
                now,
            };
            let top = PAGE.1 * (number - 1);
            let drawn = page.draw(&format!("{number} van {pages}"));
            document = document.add(drawn.set("transform", format!("translate(0 {top})")));
        }
        format!("{document}\n")
    }
}

/// The cover of one caseload.
struct Page<'a> {
    rules: &'a Rules,
    proof: &'a Proof,
    municipality: &'a str,
    caseload: &'a Caseload,
    weeks: &'a [Week],
    now: Timestamp,
}

impl Page<'_> {
    fn draw(&self, number: &str) -> Group {
        let mut pen = Pen::default();
        self.head(&mut pen);
        self.legend(&mut pen);
        let most = self
            .weeks
            .iter()
            .flat_map(|week| &week.worst)
            .map(|read| read.after);
        let scale = Scale::up_to(most.chain(self.rules.promise.within).max().unwrap_or(0));
        for (weeks, top) in self.weeks.chunks(WEEKS_A_BAND).zip(BANDS) {
            let band = Band {
                rules: self.rules,
                absent: self.proof.scope.absent,
                scale: &scale,
                top,
            };
            band.draw(weeks, &mut pen);
        }
        self.foot(number, &mut pen);
        pen.done()
    }

    fn head(&self, pen: &mut Pen) {
        let title = format!("Vervanging per week: {}", self.caseload.title);
        let size = if title.chars().count() > LONG_TITLE {
            Size::LongTitle
        } else {
            Size::Title
        };
        pen.bold(MARGIN, 180, Side::Left, size, &title);
        let calendar = &self.rules.calendar;
        let lead = self
            .caseload
            .lead
            .as_ref()
            .and_then(|id| self.rules.people.get(id));
        let lead = lead.map_or_else(String::new, |lead| format!(" Teamleider: {}.", lead.name));
        let made = format!(
            "{}.{lead} Van {} tot {}. Berekend op {}, met regels {}.",
            self.municipality,
            day_in_words(self.proof.scope.from),
            day_in_words(self.proof.scope.until),
            day_in_words(calendar.day(self.now)),
            self.rules.version
        );
        pen.text(MARGIN, 245, Side::Left, Size::Small, &made);
    }

    /// What each way to fill a bar means.
    fn legend(&self, pen: &mut Pen) {
        const ACROSS: Length = 430;
        let (mut x, y) = (MARGIN, 330);
        for absent in 0..=self.proof.scope.absent {
            pen.bar(x, y - 34, 50, 40, absent);
            pen.text(x + 66, y, Side::Left, Size::Text, &away_in_words(absent));
            x += ACROSS;
        }
        pen.week(x + 45, y, "51", true);
        pen.text(x + 100, y, Side::Left, Size::Text, "te weinig vervanging");
        if let Some(within) = self.rules.promise.within {
            x += ACROSS;
            pen.promise(x, x + 70, y - 12);
            let promised = format!("afgesproken: {} uur", in_hours(within));
            pen.text(x + 86, y, Side::Left, Size::Text, &promised);
        }
    }

    fn foot(&self, number: &str, pen: &mut Pen) {
        let lines = [
            "Zo lang blijft een bericht met spoed in die week op zijn langst liggen voordat iemand het leest, in kantooruren. \
             Verlof uit regels en agenda's en vaste vrije dagen tellen mee."
                .to_owned(),
            format!(
                "Geen collega leest het bij: met zo veel collega's extra weg kan dat. Het bericht komt dan alleen in het \
                 algemene postvak. Een streepje: dat kan niet met {} of minder.",
                self.proof.scope.absent
            ),
            "Een zwart nummer en een kader: een zieke is al genoeg, of een bericht ligt langer dan is afgesproken.".to_owned(),
        ];
        for (y, line) in [1955, 1995, 2035].into_iter().zip(lines) {
            pen.text(MARGIN, y, Side::Left, Size::Small, &line);
        }
        pen.text(PAGE.0 - MARGIN, 2035, Side::Right, Size::Small, number);
    }
}

/// Who is away besides those of whom it is known.
fn away_in_words(absent: usize) -> String {
    match absent {
        0 => "niemand extra weg".to_owned(),
        1 => "1 collega extra weg".to_owned(),
        more => format!("{more} collega's extra weg"),
    }
}
