//! What each key means that has something happen without a notice: chores, silence, what is expected.

pub(super) const UNASKED: &[(&str, &str)] = &[
    (
        "event",
        "Iets dat een collega kan melden bij het afsluiten van een taak, en waar een termijn door gaat lopen.",
    ),
    (
        "event.id",
        "De naam in opdrachten: `koppelwacht task done 17 --event pip_vastgesteld`. Zonder punt erin.",
    ),
    ("event.title", "Wat er dan gebeurd is, in gewoon Nederlands."),
    (
        "expectation",
        "Wat moet komen of gedaan moet worden na iets anders, en binnen welke tijd.",
    ),
    (
        "expectation.id",
        "De naam. De taak die ervan komt, heet `verwacht.` en dan deze naam.",
    ),
    ("expectation.title", "De titel van de taak, in gewoon Nederlands."),
    (
        "expectation.do",
        "Wat er dan te doen is: de werkinstructie in de mail.",
    ),
    (
        "expectation.after",
        "Na een van deze soorten berichten (met een punt) of gebeurtenissen (`[[event]]`) gaat de tijd lopen.",
    ),
    (
        "expectation.comes",
        "Hier wachten we op. Komt een van deze, dan is het goed en sluit de taak vanzelf.",
    ),
    (
        "expectation.cancelled_by",
        "Komt een van deze, dan hoeft het niet meer en sluit de taak vanzelf.",
    ),
    (
        "expectation.moved_by",
        "Gebeurtenissen die een andere laatste dag geven. Die dag meldt u met `--on`.",
    ),
    (
        "expectation.only_if",
        "Alleen voor dossiers waarin een van deze voorkomt. Zonder deze regel: voor alle.",
    ),
    (
        "expectation.unless",
        "Niet voor dossiers waarin een van deze voorkomt.",
    ),
    (
        "expectation.within",
        "Binnen welke tijd: \"10 wd\" of, zoals de wet telt, \"10 weken\", \"3 maanden\", \"3 jaar\".",
    ),
    (
        "expectation.day_counts",
        "true: de dag zelf is al de eerste dag van een wettelijke termijn. Zonder deze regel is dat de dag erna.",
    ),
    (
        "expectation.early",
        "Wat zo kort ervoor al kwam, telt ook mee. Zonder deze regel: alleen wat op die dag of later komt.",
    ),
    (
        "expectation.ask",
        "Wanneer er een taak komt. \"late\": als de tijd om is. \"at_once\": meteen. \"8 weken\" of \"10 wd\": zo lang voor het einde.",
    ),
    (
        "expectation.restarts",
        "true: gebeurt het nog eens, dan begint de tijd opnieuw. Anders loopt de eerste termijn door.",
    ),
    (
        "expectation.due",
        "Alleen bij `ask = \"late\"`: hoeveel tijd er dan nog voor de taak is.",
    ),
    ("expectation.ladder", "Wie bericht krijgt, en wie daarna."),
    (
        "chore",
        "Een terugkerende taak: werk dat steeds opnieuw moet, ook als er geen bericht van komt.",
    ),
    (
        "chore.id",
        "De naam van de taak, zonder punt, zoals \"cbs-levering\". Verander hem niet: hij staat in de geschiedenis van taken.",
    ),
    (
        "chore.title",
        "Wat er moet gebeuren, in gewone woorden. Dit staat in het onderwerp van mails aan collega's.",
    ),
    (
        "chore.kind",
        "Moet iemand iets doen (\"actie\") of alleen lezen (\"info\")? Laat u het weg, dan is het \"actie\".",
    ),
    ("chore.do", "De werkinstructie: wat moet de collega doen?"),
    (
        "chore.at",
        "Wanneer de taak komt: minuut, uur, dag, maand en weekdag, zoals \"0 9 1 1,4,7,10 *\" (elke eerste dag van het kwartaal om 09:00 uur). Op een dag die niet meetelt, schuift hij op naar de volgende werkdag.",
    ),
    (
        "chore.due",
        "Binnen welke tijd, vanaf dat moment: \"10 wd\" (werkdagen), \"4 wu\" (werkuren) of \"30 min\" (minuten op de klok).",
    ),
    ("chore.ladder", "Welke ladder: wie krijgt bericht, en wie daarna?"),
    (
        "chore.caseload",
        "Naar welke caseload de taak gaat. Er is geen bericht waaraan een route dat kan zien.",
    ),
    (
        "silence",
        "Hoe Koppelwacht leert wanneer een organisatie te lang stil is. Komt één keer voor.",
    ),
    (
        "silence.false_alarms_a_year",
        "Zo vaak per jaar en per organisatie mag er een taak komen terwijl er niets aan de hand is: 1 tot en met 12.",
    ),
    (
        "silence.until_learned",
        "Zo veel werkdagen stilte mag er zijn zolang er nog te weinig bekend is, zoals \"10 wd\".",
    ),
    (
        "drift",
        "Wanneer u hoort dat berichten van een organisatie niet meer worden herkend. Dit moet allemaal tegelijk zo zijn. Komt één keer voor.",
    ),
    ("drift.mails", "Minstens zo veel berichten werden niet herkend."),
    (
        "drift.within",
        "In zo veel werkdagen, vandaag telt mee: \"1 wd\" tot en met \"20 wd\".",
    ),
    (
        "drift.percent",
        "Dat is minstens zo veel procent van alle berichten van die organisatie in die dagen.",
    ),
    (
        "drift.times",
        "En minstens zo veel keer het deel in een gewone week van de twaalf daarvoor: 1 tot en met 10.",
    ),
];
