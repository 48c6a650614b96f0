//! What each key of the rules files means, in a line of plain Dutch: what an editor shows, and the document of the adopted
//! process never has to explain.

/// Keys of rules files, with the tables that they stand in.
mod unasked;

/// The keys of rules files.
pub(super) const RULES: [&[(&str, &str)]; 2] = [OF_NOTICES, unasked::UNASKED];

const OF_NOTICES: &[(&str, &str)] = &[
    (
        "calendar",
        "Werkdagen en openingstijden van de gemeente. Komt één keer voor.",
    ),
    ("calendar.zone", "De tijdzone, zoals \"Europe/Amsterdam\"."),
    (
        "calendar.opens",
        "Vanaf deze tijd lopen werkuren, zoals \"09:00\".",
    ),
    (
        "calendar.closes",
        "Tot deze tijd lopen werkuren. Wat daarna binnenkomt, telt als de volgende werkdag.",
    ),
    (
        "equated",
        "Een dag die de minister gelijkstelt met een feestdag. De gewone feestdagen kent het programma al.",
    ),
    ("equated.day", "De dag, zonder aanhalingstekens: 2026-05-15."),
    (
        "equated.name",
        "Hoe de dag heet. Dit staat in de uitleg bij een termijn.",
    ),
    ("closed", "Een dag waarop alleen deze gemeente dicht is."),
    ("closed.day", "De dag, zonder aanhalingstekens: 2026-12-24."),
    ("closed.name", "Hoe de dag heet, zoals \"Kerstsluiting\"."),
    ("target_group", "Woorden waaraan u een doelgroep herkent."),
    ("target_group.id", "De doelgroep."),
    (
        "target_group.words",
        "Staat een van deze woorden in het bericht, dan gaat het om deze doelgroep.",
    ),
    ("source", "Een organisatie die ons berichten stuurt."),
    (
        "source.id",
        "De naam van deze organisatie in de regels, zoals \"coa\".",
    ),
    (
        "source.domains",
        "Wat achter de @ staat in haar mailadressen. Alleen deze domeinen, precies zo.",
    ),
    (
        "source.names",
        "Hoe zij zich noemt als afzender. Wie zo heet en van elders mailt, valt op.",
    ),
    (
        "source.silence",
        "Na zo veel werkdagen zonder bericht komt er een taak: \"6 wd\", of \"learn\" om het te leren van wat er eerder kwam. Laat het weg om niet op stilte te letten.",
    ),
    (
        "notification",
        "Een soort bericht, en wat de gemeente daarmee doet.",
    ),
    (
        "notification.id",
        "De naam van de soort, zoals \"coa.koppeling\".",
    ),
    (
        "notification.title",
        "Wat er gebeurd is, in gewone woorden. Dit staat in het onderwerp van mails aan collega's.",
    ),
    (
        "notification.kind",
        "Moet iemand iets doen (\"actie\") of alleen lezen (\"info\")?",
    ),
    (
        "notification.critical",
        "Schrijf true bij een taak met spoed: iets wat altijd opgepakt moet worden.",
    ),
    ("notification.do", "De werkinstructie: wat moet de collega doen?"),
    (
        "notification.task",
        "Schrijf false als er geen taak van komt. Alleen voor berichten over onze eigen mails.",
    ),
    (
        "notification.due",
        "Binnen welke tijd: \"2 wd\" (werkdagen), \"4 wu\" (werkuren) of \"30 min\" (minuten op de klok). Staat de tijd in een wet: \"14 dagen\", \"10 weken\", \"3 maanden\" of \"3 jaar\".",
    ),
    (
        "notification.ladder",
        "Welke ladder: wie krijgt bericht, en wie daarna?",
    ),
    (
        "notification.target_group",
        "Om welke doelgroep het altijd gaat, als de soort dat zelf al zegt.",
    ),
    (
        "notification.never",
        "Staat een van deze woorden in het bericht, dan is het deze soort niet.",
    ),
    (
        "notification.recognise",
        "Zo herkent u deze soort. Er mogen meer blokken zijn; één dat past is genoeg.",
    ),
    (
        "notification.recognise.name",
        "Een naam voor dit blok. De uitleg bij een besluit noemt hem.",
    ),
    (
        "notification.recognise.source",
        "Welke organisatie dit bericht stuurt.",
    ),
    (
        "notification.recognise.priority",
        "\"first\": gaat voor codes. \"last\": telt alleen als niets anders past.",
    ),
    ("notification.recognise.codes", "Signaalcodes, zoals \"SS101\"."),
    (
        "notification.recognise.literal",
        "De omschrijving zoals de organisatie die zelf gebruikt. Telt zwaarder dan losse woorden.",
    ),
    ("notification.recognise.any", "Een van deze staat in het bericht."),
    (
        "notification.recognise.all",
        "Deze staan allemaal in het bericht.",
    ),
    (
        "notification.recognise.none",
        "Geen van deze staat in het bericht.",
    ),
    (
        "notification.recognise.subject_any",
        "Een van deze staat in het onderwerp.",
    ),
    (
        "notification.recognise.subject_none",
        "Geen van deze staat in het onderwerp.",
    ),
    ("caseload", "Een stapel werk met de mensen erachter."),
    (
        "caseload.id",
        "De naam van de caseload in de regels. Verander hem niet: hij staat in de geschiedenis van taken.",
    ),
    ("caseload.title", "Hoe mails deze caseload noemen."),
    (
        "caseload.team",
        "Het team waar deze caseload bij hoort: de naam (`id`) van een team. Wat hier niet staat over `lead`, `functional` en `rota`, komt van het team.",
    ),
    (
        "caseload.owner",
        "Wie het eerst bericht krijgt: de naam (`id`) van een persoon.",
    ),
    ("caseload.deputies", "Wie invalt, in deze volgorde."),
    ("caseload.lead", "De teamleider."),
    (
        "caseload.functional",
        "Een mailadres dat meer mensen lezen. Nooit het postvak dat Koppelwacht zelf leest.",
    ),
    (
        "caseload.rota",
        "De achterwacht van deze caseload, als die anders is dan die van het team.",
    ),
    ("team", "Mensen die samen werken. Hun caseloads verwijzen ernaar."),
    ("team.id", "De naam van het team in de regels."),
    ("team.title", "Hoe het team heet."),
    (
        "team.lead",
        "De teamleider van alle caseloads van dit team: de naam (`id`) van een persoon.",
    ),
    (
        "team.functional",
        "Het mailadres dat het hele team leest. Nooit het postvak dat Koppelwacht zelf leest.",
    ),
    (
        "team.rota",
        "Wie achterwacht heeft: de naam (`id`) van een rooster.",
    ),
    (
        "rota",
        "Het rooster van de achterwacht: wie er is als niemand anders reageert, week na week.",
    ),
    ("rota.id", "De naam van het rooster in de regels."),
    (
        "rota.from",
        "De maandag waarop de eerste beurt begint, zonder aanhalingstekens: 2026-11-23.",
    ),
    (
        "rota.turns",
        "Wie welke week heeft, in deze volgorde. Na de laatste begint het opnieuw.",
    ),
    (
        "rota.swap",
        "Een week die iemand anders doet. De beurten van de andere weken veranderen niet.",
    ),
    (
        "rota.swap.week",
        "De maandag van die week, zonder aanhalingstekens: 2026-12-21.",
    ),
    (
        "rota.swap.person",
        "Wie die week doet: de naam (`id`) van een persoon.",
    ),
    (
        "route",
        "Welke taak op welke caseload komt. De eerste route die past, geldt; de laatste past altijd.",
    ),
    (
        "route.recipients",
        "Past op berichten aan een van deze mailadressen.",
    ),
    ("route.types", "Past op deze soorten berichten."),
    ("route.target_group", "Past op berichten over deze doelgroep."),
    ("route.caseload", "Naar welke caseload de taak gaat."),
    ("person", "Iemand die taken krijgt."),
    (
        "person.id",
        "De naam in regels en opdrachten. Verander hem niet: hij staat in de geschiedenis van taken.",
    ),
    ("person.name", "De naam in mails."),
    ("person.address", "Het mailadres."),
    (
        "person.function",
        "Wat iemand doet, zoals \"klantmanager\". Het staat in het document van het werkproces.",
    ),
    (
        "person.works",
        "Wanneer iemand werkt, zoals [\"ma-do\", \"vr 09:00-12:30 even\"]. Laat hem weg voor wie er altijd is als het kantoor open is.",
    ),
    (
        "person.deputies",
        "Wie voor deze collega invalt, op elke caseload en in deze volgorde.",
    ),
    (
        "person.external",
        "Schrijf true voor wie bij een andere organisatie werkt. Die ziet in mails geen namen van collega's, en mag niet opvragen over wie een taak gaat.",
    ),
    ("absence", "Verlof dat vooruit bekend is."),
    (
        "absence.person",
        "Wie er niet is: de naam (`id`) van een persoon.",
    ),
    (
        "absence.from",
        "De eerste dag, zonder aanhalingstekens: 2026-12-21.",
    ),
    (
        "absence.until",
        "De laatste dag. Laat hem weg als niemand die weet.",
    ),
    (
        "ladder",
        "Wie bericht krijgt, en wie daarna als niemand de taak oppakt.",
    ),
    ("ladder.id", "De naam van de ladder in de regels."),
    (
        "ladder.hold",
        "Hoe lang een opgepakte taak mag blijven liggen voor hij weer op de ladder komt.",
    ),
    (
        "ladder.hand_on",
        "Schrijf true als een opgepakte taak meteen naar een ander gaat zodra wie hem heeft er niet is. Bij taken met spoed is dat altijd zo.",
    ),
    ("ladder.rung", "Een trede. De eerste staat bovenaan."),
    (
        "ladder.rung.tell",
        "Wie bericht krijgt: \"holder\" (wie de taak heeft of de eigenaar van de caseload), \"deputy\" (wie invalt), \"on_call\" (de achterwacht), \"lead\" (de teamleider) of \"functional\" (het algemene postvak).",
    ),
    (
        "ladder.rung.wait",
        "Hoe lang zij hebben. Op de laatste trede: na hoeveel tijd zij opnieuw bericht krijgen.",
    ),
    (
        "ladder.rung.letter",
        "Een eigen mail voor deze trede: de naam van uw sjablonen. Laat hem weg voor de gewone mail.",
    ),
    (
        "cover",
        "Wat u belooft over berichten met spoed. Komt één keer voor.",
    ),
    (
        "cover.within",
        "Binnen zo veel werkuren leest een collega die er is zo'n bericht, zoals \"8 wu\". Kan dat niet, dan weigert `check` de regels.",
    ),
    (
        "cover.absent",
        "Ook als zo veel collega's er onverwacht niet zijn: 0, 1, 2 of 3.",
    ),
    (
        "cover.nightly",
        "Hoe laat elke nacht opnieuw wordt nagerekend of er genoeg vervanging is, zoals \"03:30\", of \"never\" om dat niet te doen.",
    ),
    (
        "cover.ahead_weeks",
        "Zo veel weken vooruit krijgt een teamleider bericht dat er te weinig vervanging is: 1 tot en met 52.",
    ),
    (
        "drill",
        "Hoe u oefent: een nepkoppeling die echt door de mail gaat. Komt één keer voor.",
    ),
    (
        "drill.to",
        "Het adres waarop COA en DUO u berichten sturen. Daar gaat de mail van een oefening naartoe.",
    ),
    (
        "drill.at",
        "Wanneer er vanzelf een oefening is: minuut, uur, dag, maand en weekdag, zoals \"0 10 * * Mon\" (elke maandag om 10:00 uur). Laat het weg voor alleen oefeningen die u zelf begint.",
    ),
    (
        "drill.arrives_within",
        "Binnen deze tijd moet de mail van een oefening in het postvak zijn. Anders krijgt de teamleider bericht.",
    ),
    (
        "drill.answered_within",
        "Na deze tijd is een oefening voorbij, ook als niemand de taak oppakt. Dan krijgt de teamleider bericht.",
    ),
    ("letters", "Hoe mails aan collega's weggaan. Komt één keer voor."),
    (
        "letters.gather_minutes",
        "Zo veel minuten wachten mails op elkaar. Wat dan voor dezelfde persoon klaarligt, wordt één mail. Bij 0 gaat alles meteen weg.",
    ),
    (
        "letters.overview",
        "Hoe laat teamleiders op elke werkdag een overzicht krijgen van alle taken met spoed die openstaan, zoals \"08:30\", of \"never\" voor geen overzicht.",
    ),
    (
        "out_of_office",
        "Wat een automatisch antwoord van een collega betekent. Komt één keer voor.",
    ),
    (
        "out_of_office.counts_for",
        "Staat er in het antwoord geen dag, dan is iemand zo lang afwezig: \"1 wd\" (werkdagen), \"4 wu\" (werkuren) of \"30 min\" (minuten op de klok).",
    ),
];

/// Keys of test files.
pub(super) const TESTS: [&[(&str, &str)]; 1] = [&[
    ("test", "Een proef: dit bericht, dan ontvangen, moet dat worden."),
    (
        "test.mail",
        "Het bericht: een bestand naast de proef, zoals \"mails/koppeling.eml\".",
    ),
    (
        "test.received",
        "Wanneer het binnenkomt: dag en tijd, zoals \"2026-11-23 10:00\".",
    ),
    (
        "test.type",
        "Welke soort het moet worden. Bij een overzicht met meer signalen: een lijst.",
    ),
    ("test.caseload", "Naar welke caseload de taak moet gaan."),
    (
        "test.due",
        "Wanneer de taak klaar moet zijn: dag en tijd, zoals \"2026-11-25 17:00\".",
    ),
]];
