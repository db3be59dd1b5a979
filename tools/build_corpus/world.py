"""Who there is in the world of the contracts. Everybody here is invented."""

from dataclasses import dataclass


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
