"""Who there is in the world of the contracts. Everybody here is invented.

HALDEN and OTHERS are written by hand: the committed corpus is about them. `region(n)` for n > 0 makes another group of the same shape
from seeded combinations, for corpora of any size. Some names collide on purpose: three cold stores called Norr- and Nordland, two
Kestrels, two Ospreys; Elbtor is renamed in mid-contract, and Mirador is acquired by Alameda.
"""

import random
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Company:
    """A company: its full name, what a contract calls it for short, where it sits, and who signs for it."""

    name: str
    short: str
    form: str
    city: str
    country: str
    address: str
    signatory: str
    office: str
    domain: str = ""

    @property
    def mail(self) -> str:
        """The domain of its e-mail addresses; `.example` is reserved, so that nobody real is ever written to."""
        return self.domain or "".join(letter for letter in _plain(self.short).lower() if letter.isalnum()) + ".example"


HALDEN = {
    key: Company(*row)
    for key, row in {
        "ports": ("Halden Ports A/S", "Halden Ports", "a public limited company", "Aarhus", "Denmark", "Sydhavnsgade 14, 8000 Aarhus", "Maja Lindqvist-Brandt", "Chief Operating Officer"),
        "cold": ("Halden Cold Chain B.V.", "Halden Cold Chain", "a private limited company", "Rotterdam", "the Netherlands", "Merwehaven 201, 3029 Rotterdam", "Joost Verkuijlen", "Managing Director"),
        "ferries": ("Halden Ferries Limited", "Halden Ferries", "a private company limited by shares", "Hull", "England and Wales", "3 Corporation Pier, Hull HU1 2PQ", "Philippa Ashworth-Neale", "Commercial Director"),
        "software": ("Halden Software GmbH", "Halden Software", "a limited liability company", "Hamburg", "Germany", "Grimm 19, 20457 Hamburg", "Dr. Annegret Possehl", "Geschäftsführerin"),
        "energy": ("Halden Energy AS", "Halden Energy", "a private limited company", "Stavanger", "Norway", "Strandkaien 46, 4005 Stavanger", "Eirik Tveitane", "Head of Procurement"),
        "textiles": ("Halden Textiles S.r.l.", "Halden Textiles", "a limited liability company", "Prato", "Italy", "Via del Fossato 8, 59100 Prato", "Ludovica Serristori", "Amministratore Delegato"),
        "paper": ("Halden Board & Paper Oy", "Halden Paper", "a limited company", "Kotka", "Finland", "Satamakatu 5, 48100 Kotka", "Pekka Rautalampi", "Mill Director"),
        "foods": ("Halden Foods Ireland DAC", "Halden Foods", "a designated activity company", "Cork", "Ireland", "12 Penrose Wharf, Cork T23", "Aoife Ní Chonaill", "Supply Chain Director"),
        "leisure": ("Halden Leisure Inc.", "Halden Leisure", "a corporation", "Wilmington, Delaware", "Delaware", "410 Shipley Row, Wilmington, DE 19801", "Marcus T. Pelletier", "Vice President, Partnerships"),
    }.items()
}  # fmt: skip

OTHERS = {
    key: Company(*row)
    for key, row in {
        "osprey": ("Osprey Marine Charter Ltd", "Osprey Marine", "a private company limited by shares", "Aberdeen", "Scotland", "77 Regent Quay, Aberdeen AB11 5BE", "Fergus Macallister", "Director"),
        "norrland_ab": ("Norrland Cold Storage AB", "Norrland Cold Storage", "a limited company", "Luleå", "Sweden", "Varvsgatan 30, 972 32 Luleå", "Sigrid Öhrnström", "Verkställande direktör"),
        "norrland_ltd": ("Norrland Cold Stores Ltd", "Norrland Cold Stores", "a private company limited by shares", "Grimsby", "England and Wales", "Unit 9, Fish Dock Road, Grimsby DN31", "Colin Wraggleby", "Managing Director"),
        "nordland": ("Nordland Storage Inc.", "Nordland Storage", "a corporation", "Duluth, Minnesota", "Minnesota", "1200 Garfield Slip, Duluth, MN 55802", "Deborah K. Aune", "President"),
        "brightwater": ("Brightwater Analytics Limited", "Brightwater", "a private limited company", "Dublin", "Ireland", "44 Misery Hill, Dublin 2", "Cormac Delahunty", "Chief Executive"),
        "tessera": ("Tessera Yarns S.p.A.", "Tessera Yarns", "a joint stock company", "Biella", "Italy", "Strada Cerruti 61, 13900 Biella", "Ottavio Pramaggiore", "Direttore Generale"),
        "kestrel": ("Kestrel Grid Services AS", "Kestrel Grid", "a private limited company", "Bergen", "Norway", "Damsgårdsveien 125, 5160 Bergen", "Solveig Haukås", "Daglig leder"),
        "polder": ("Polder & Zoon Stevedoring B.V.", "Polder & Zoon", "a private limited company", "Vlissingen", "the Netherlands", "Buitenhaven 7, 4381 Vlissingen", "Hendrika Polder", "Director"),
        "castellan": ("Castellan Packaging plc", "Castellan", "a public limited company", "Leeds", "England and Wales", "2 Whitehall Mills, Leeds LS12", "Imogen Farrar-Stokes", "Group Procurement Lead"),
        "larkspur": ("Larkspur Resorts LLC", "Larkspur Resorts", "a limited liability company", "Portland, Maine", "Maine", "58 Custom House Wharf, Portland, ME 04101", "Janine Thibodeau", "Managing Member"),
        "mirador": ("Mirador Software S.L.", "Mirador", "a limited liability company", "Valencia", "Spain", "Calle de la Nave 22, 46003 Valencia", "Íñigo Albalat", "Consejero Delegado"),
        "saltmarsh": ("Saltmarsh Provisions Limited", "Saltmarsh", "a private limited company", "Galway", "Ireland", "Claddagh Basin, Galway H91", "Bríd Ó Fatharta", "Head of Sales"),
        "vantaa": ("Vantaa Fibre Oy", "Vantaa Fibre", "a limited company", "Vantaa", "Finland", "Ratatie 11, 01300 Vantaa", "Tuomas Kivelä", "Toimitusjohtaja"),
        "elbtor": ("Elbtor Logistik GmbH & Co. KG", "Elbtor", "a limited partnership", "Bremerhaven", "Germany", "Kaiserhafen 3, 27568 Bremerhaven", "Heiko Brunsbüttel", "Prokurist"),
        "ospray": ("Ospray Maritime Crewing ApS", "Ospray Maritime", "a private limited company", "Esbjerg", "Denmark", "Dokvej 9, 6700 Esbjerg", "Birthe Kragelund", "Direktør"),
        "alameda": ("Alameda Sistemas S.A.", "Alameda Sistemas", "a public limited company", "Sevilla", "Spain", "Paseo de las Delicias 40, 41012 Sevilla", "Rocío Valdelomar", "Directora General"),
        "weserkai": ("Weserkai Kühllogistik GmbH & Co. KG", "Weserkai", "a limited partnership", "Bremerhaven", "Germany", "Kaiserhafen 3, 27568 Bremerhaven", "Heiko Brunsbüttel", "Prokurist"),
        "norrland_holding": ("Norrland Kyl och Frys Holding AB", "Norrland Holding", "a limited company", "Umeå", "Sweden", "Storgatan 112, 903 26 Umeå", "Torbjörn Wikmark", "Koncernchef"),
        "vantaa_parent": ("Vantaa Materials Group Oyj", "Vantaa Materials", "a public limited company", "Vantaa", "Finland", "Ratatie 13, 01300 Vantaa", "Marjatta Ylikoski", "Toimitusjohtaja"),
        "tessera_tessuti": ("Tessera Tessuti S.r.l.", "Tessera Tessuti", "a limited liability company", "Biella", "Italy", "Strada Cerruti 63, 13900 Biella", "Guendalina Sormano", "Amministratore"),
        "kestrel_ltd": ("Kestrel Gridworks Ltd", "Kestrel Gridworks", "a private company limited by shares", "Dundee", "Scotland", "4 Camperdown Street, Dundee DD1", "Elspeth Kinnaird", "Director"),
        "polder_zonen": ("Polder en Zonen Havenlogistiek B.V.", "Polder en Zonen", "a private limited company", "Terneuzen", "the Netherlands", "Westkade 18, 4551 Terneuzen", "Gijsbert Polder", "Directeur"),
        "brightwater_ab": ("Brightwater Analytik AB", "Brightwater Analytik", "a limited company", "Göteborg", "Sweden", "Skeppsbron 2, 411 21 Göteborg", "Linnea Brodd", "VD"),
        "castellan_oy": ("Castellan Kartonki Oy", "Castellan Kartonki", "a limited company", "Lahti", "Finland", "Askonkatu 9, 15100 Lahti", "Veikko Hirvelä", "Toimitusjohtaja"),
        "larkspur_parent": ("Larkspur Lodging Group LLC", "Larkspur Lodging", "a limited liability company", "Bangor, Maine", "Maine", "9 Exchange Row, Bangor, ME 04401", "Warren Thibodeau", "Manager"),
        "saltmarsh_uk": ("Salt Marsh Shellfish Ltd", "Salt Marsh Shellfish", "a private company limited by shares", "Maldon", "England and Wales", "Hythe Quay 2, Maldon CM9", "Rosalind Peake", "Director"),
        "elbtor_spedition": ("Elbetor Spedition GmbH", "Elbetor", "a limited liability company", "Cuxhaven", "Germany", "Lentzkai 5, 27472 Cuxhaven", "Wiebke Stührmann", "Geschäftsführerin"),
        "vanta": ("Vanta Fiber Corp.", "Vanta Fiber", "a corporation", "Duluth, Minnesota", "Minnesota", "310 Canal Park Row, Duluth, MN 55802", "Gordon Hietala", "President"),
        "nordlands": ("Nordlands Fryseri AS", "Nordlands Fryseri", "a private limited company", "Bodø", "Norway", "Sjøgata 31, 8006 Bodø", "Ragnhild Bjerkaas", "Daglig leder"),
        "miradouro": ("Miradouro Software Lda.", "Miradouro", "a limited liability company", "Porto", "Portugal", "Rua do Infante 71, 4050 Porto", "Afonso Quintela", "Gerente"),
    }.items()
}  # fmt: skip

LAWS = {
    "Denmark": ("Danish law", "the laws of Denmark", "Copenhagen"),
    "the Netherlands": ("Dutch law", "the laws of the Netherlands", "Rotterdam"),
    "England and Wales": ("English law", "the laws of England and Wales", "London"),
    "Germany": ("German law", "the laws of the Federal Republic of Germany", "Hamburg"),
    "Norway": ("Norwegian law", "the laws of Norway", "Oslo"),
    "Italy": ("Italian law", "the laws of the Italian Republic", "Milan"),
    "Finland": ("Finnish law", "the laws of Finland", "Helsinki"),
    "Ireland": ("Irish law", "the laws of Ireland", "Dublin"),
    "Delaware": ("Delaware law", "the laws of the State of Delaware", "Wilmington"),
    "New York": ("New York law", "the laws of the State of New York", "New York"),
    "Sweden": ("Swedish law", "the laws of Sweden", "Stockholm"),
    "Scotland": ("Scots law", "the law of Scotland", "Edinburgh"),
    "Switzerland": ("Swiss law", "the substantive laws of Switzerland", "Zurich"),
}

WELL_KNOWN = (
    "Maersk", "MSC", "Hapag", "CMA CGM", "DFDS", "Stena", "Scandlines", "Lineage", "Americold", "DHL", "DSV", "Kuehne", "Schenker", "UPS", "FedEx", "PSA", "Hutchison",
    "Eurogate", "Peel Ports", "Equinor", "Statkraft", "Statnett", "Orsted", "Vattenfall", "Siemens", "Hitachi", "UPM", "Stora Enso", "Metsa", "Smurfit", "Mondi", "DS Smith",
    "Amcor", "Tetra Pak", "Zegna", "Loro Piana", "Reda", "Marzotto", "SAP", "Oracle", "Microsoft", "Google", "Amazon", "Apple", "IBM", "Accenture", "Capgemini", "Infosys",
    "Marriott", "Hilton", "Hyatt", "Accor", "Booking.com", "Expedia", "Airbnb", "Kerry", "Glanbia", "Nestle", "Unilever", "Danone", "Mowi", "Leroy", "Veolia", "Suez",
)  # fmt: skip

STEMS = (
    "Ash Brack Corm Dun Ell Fal Glen Hav Ing Jar Kel Lin Mor Nes Orm Pen Quil Rav Sker Tor Ulv Var Wren Yar Zel Bram Cald Drum Esk Fenn Grim Hest Isl Kirk Lang Mel Nor Oak Ryd Stav".split(),
    "wick holm strand berg mouth dale sund haven stead gard firth by ness vik ford moor land borg ley voe thorpe mark feld bridge".split(),
)
COUNTRIES = {
    "Denmark": (("A/S", "a public limited company"), ("ApS", "a private limited company"), "Aalborg Kolding Horsens Vejle", "{street}gade {n}, {code} {city}", "Havne Bro Skibs Told", "Mette Søren Lise Anders Karen Jeppe", "Holmgaard Ravnkilde Thygesen Overby Stensgaard", "Direktør"),
    "the Netherlands": (("B.V.", "a private limited company"), ("N.V.", "a public limited company"), "Dordrecht Delfzijl Moerdijk Harlingen", "{street}kade {n}, {code} {city}", "Ooster Wester Maas Handels", "Anneke Joris Wim Saskia Dirk Femke", "Terpstra Kuipers-Roos Dekkinga Wouterlood Hofstee", "Directeur"),
    "England and Wales": (("Limited", "a private company limited by shares"), ("plc", "a public limited company"), "Ipswich Whitby Fleetwood Goole", "{n} {street} Street, {city}", "Mariner Cooper Chandler Ropewalk", "Harriet Alistair Nigel Prudence Rupert Beryl", "Thistlewood Ackroyd-Lane Pemberley Wainfleet Cobbold", "Director"),
    "Germany": (("GmbH", "a limited liability company"), ("AG", "a stock corporation"), "Emden Stade Lübeck Brake", "{street}straße {n}, {code} {city}", "Speicher Deich Kran Lotsen", "Silke Jürgen Petra Henning Antje Volker", "Harmsdorf Lüttjohann Brinkama Seegebarth Köpplin", "Geschäftsführer"),
    "Norway": (("AS", "a private limited company"), ("ASA", "a public limited company"), "Ålesund Tromsø Kristiansund Drammen", "{street}veien {n}, {code} {city}", "Brygge Fyr Naust Sjø", "Ingrid Håkon Marit Sverre Turid Olav", "Stornes Lauvås Myklebotn Rognstad Haugsbø", "Daglig leder"),
    "Italy": (("S.r.l.", "a limited liability company"), ("S.p.A.", "a joint stock company"), "Chioggia Savona Ancona Monfalcone", "Via {street} {n}, {code} {city}", "Ferrata Marittima Lanieri Cordai", "Chiara Ettore Bianca Ruggero Noemi Sandro", "Valbruna Tarabotti Quarenghi Lussana Bertolissi", "Amministratore"),
    "Finland": (("Oy", "a limited company"), ("Oyj", "a public limited company"), "Rauma Hamina Oulu Turku", "{street}katu {n}, {code} {city}", "Laiva Ranta Tehdas Vuori", "Aino Juhani Kaisa Risto Hilkka Onni", "Lehtovaara Suokangas Niittymaa Harjunen Koskelo", "Toimitusjohtaja"),
    "Ireland": (("DAC", "a designated activity company"), ("Limited", "a private limited company"), "Waterford Sligo Drogheda Wexford", "{n} {street} Quay, {city}", "Custom Merchant Herring Union", "Niamh Declan Gráinne Eoin Sorcha Fintan", "Mac Conmara Tuohy-Burke Hennelly Ó Duibhir Loughnane", "Company Secretary"),
    "Delaware": (("Inc.", "a corporation"), ("LLC", "a limited liability company"), "Dover,Lewes,Milford,Smyrna", "{n} {street} Avenue, {city}, DE", "Harbor Cannery Lantern Orchard", "Brenda Curtis Yolanda Wayne Denise Earl", "Applegarth Vandermolen Stubblefield Truxton Hollowell", "Vice President"),
    "Sweden": (("AB", "a limited company"), ("Handels AB", "a limited company"), "Gävle Sundsvall Kalmar Ystad", "{street}gatan {n}, {code} {city}", "Skepps Magasins Hamn Fisk", "Gunilla Lars-Erik Märta Stellan Ulrika Bo", "Sjövall Hedenström Ekegren Norlinder Tallqvist", "Verkställande direktör"),
}  # fmt: skip
GROUP = {  # each company of the group: its line of business and its country
    "ports": ("Ports", "Denmark"), "cold": ("Cold Chain", "the Netherlands"), "ferries": ("Ferries", "England and Wales"), "software": ("Software", "Germany"),
    "energy": ("Energy", "Norway"), "textiles": ("Textiles", "Italy"), "paper": ("Board & Paper", "Finland"), "foods": ("Foods", "Ireland"), "leisure": ("Leisure", "Delaware"),
}  # fmt: skip
TRADES = {
    "osprey": "Marine Charter,Short Sea", "norrland_ab": "Cold Storage,Cold Logistics", "norrland_ltd": "Cold Stores,Cold Warehousing", "nordland": "Storage,Fulfilment",
    "brightwater": "Analytics,Data Works", "tessera": "Yarns,Spinning", "kestrel": "Grid Services,Line Works", "polder": "Stevedoring,Quay Services", "castellan": "Packaging,Cartons",
    "larkspur": "Resorts,Seaside Hotels", "mirador": "Software,Systems", "saltmarsh": "Provisions,Shellfish", "vantaa": "Fibre,Recovered Paper", "elbtor": "Haulage,Reefer Lines",
    "weserkai": "Cold Lines,Reefer Transport", "alameda": "Digital Holding,Software Group", "norrland_holding": "Holding,Group Holding", "vantaa_parent": "Materials Group,Industrial Holding",
}  # fmt: skip


def region(number: int) -> tuple[str, dict[str, Company], dict[str, Company]]:
    """(the group's name, its companies, their counterparties) of one region of the world; region 0 is Halden, by hand.

    Every region has another group name, so that no two regions share a pair of parties.
    """
    if not number:
        return "Halden", HALDEN, OTHERS
    rng = random.Random(f"region-{number}")
    first, second = STEMS
    place, count = number - 1, len(first) * len(second)
    group = (
        first[place % len(first)]
        + second[place // len(first) % len(second)]
        + (f" {first[place // count % len(first)]}" if place >= count else "")
    )
    mine = {key: _invent(f"{group} {trade}", country, rng) for key, (trade, country) in GROUP.items()}
    stems = rng.sample([a + b for a in first for b in second if a + b != group], len(TRADES))
    stem = dict(zip(TRADES, stems, strict=True))
    stem["norrland_ltd"], stem["norrland_holding"], stem["vantaa_parent"] = (
        stem["norrland_ab"],
        stem["norrland_ab"],
        stem["vantaa"],
    )
    others = {
        key: _invent(f"{stem[key]} {rng.choice(trade.split(','))}", rng.choice(list(COUNTRIES)), rng)
        for key, trade in TRADES.items()
    }
    others["weserkai"] = replace(
        others["elbtor"],
        name=f"{stem['weserkai']} {others['weserkai'].short.split(' ', 1)[1]} {others['elbtor'].name.split(' ')[-1]}",
        short=others["weserkai"].short,
    )
    return group, mine, others


def _invent(short: str, country: str, rng: random.Random) -> Company:
    *forms, cities, address, streets, firsts, lasts, office = COUNTRIES[country]
    form, described = forms[rng.random() < 0.3]
    city = rng.choice(cities.split("," if "," in cities else " "))
    street = rng.choice(streets.split())
    code = rng.randint(1100, 9900)
    return Company(
        f"{short} {form}", short, described, city, country, address.format(street=street, n=rng.randint(2, 140), code=code, city=city),
        f"{rng.choice(firsts.split())} {rng.choice([last for last in lasts.split() if len(last) > 3])}", office,
    )  # fmt: skip


def person(company: Company, seed: str) -> str:
    """Somebody else who works there: who takes notices, or signs when the usual signatory is away."""
    country = (
        company.country
        if company.country in COUNTRIES
        else {"Scotland": "England and Wales"}.get(company.country, "Delaware")
    )
    if company.country in ("Spain", "Portugal"):
        return random.Random(f"{company.name}/{seed}").choice(
            ["Inés Carmona Rey", "Gonzalo Perandones", "Teresa Azcona", "Duarte Sequeira"]
        )
    *_, firsts, lasts, _office = COUNTRIES[country]
    rng = random.Random(f"{company.name}/{seed}")
    return f"{rng.choice(firsts.split())} {rng.choice([last for last in lasts.split() if len(last) > 3])}"


def _plain(text: str) -> str:
    import unicodedata

    table = str.maketrans({"ø": "o", "Ø": "O", "ß": "ss", "æ": "ae"})
    return unicodedata.normalize("NFKD", text.translate(table)).encode("ascii", "ignore").decode()
