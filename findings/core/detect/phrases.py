"""What people write where a secret belongs, in the languages they speak: "your-token", "sua_senha_aqui", "şifreniz"."""

import re
import unicodedata
from functools import lru_cache

from findings.core.vocabulary import words

_OTHER_SCRIPT = re.compile(r"[\u0370-\u1dff\u3040-\ud7ff\uf900-\ufaff\uff66-\uffdc]")  # none to type passwords in
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PART = re.compile(r"[a-z0-9]+")
_BARE = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae"})  # which have no accent to be taken away
_LEET = str.maketrans("013457@$!", "oleastasi")
_EDGE = re.compile(r"^[^a-z]+|[^a-z]+$")
LONGEST = 80

YOURS = words(
    "your yours seu sua seus suas teu tua tuas tu tus tuo tuoi votre vos dein deine deinen deiner deins ihr ihre "
    "ihren euer eure uw jouw twoj twoje twoja vas vase vasa vash tvoj tvoja tvoje senin sizin vuestro vuestra vostra "
    "vostro"
)
_MINE = words("my mi mis mein meine mon ma minha meu mia mio mijn moj moja moje benim su sus il notre nuestra nossa")
_OTHER = words(
    "new another other nuevo nueva otro otra novo nova outro outra nouveau nouvelle autre neu neues neuer yeni nowe "
    "nuovo"
)
HERE = words("here aqui ici hier qui burada buraya tutaj zde tady zdes ovde disini")
PUT = words(
    "enter insert type paste put add set write fill provide specify replace digite insira coloque cole preencha "
    "informe ponga pon introduce introduzca escribe escriba ingresa ingrese inserta pega reemplaza reemplazar "
    "sustituye entrez saisissez saisir mettez mettre inserez collez remplacez remplacer eingeben einfuegen einfugen "
    "einsetzen ersetzen setzen inserisci metti scrivi sostituisci incolla wpisz wstaw podaj wklej gir girin giriniz "
    "yaz yazin yaziniz yapistir yapistirin ekle ekleyin koy koyun masukkan isi tulis vvedite vstavte zadejte vlozte "
    "vul voer invoer plak"
)
CHANGE = words(
    "troque trocar alterar altere mudar mude cambiar cambia cambie cambiame cambialo changer changez aendern andern "
    "aendere cambiare modificare modifica zmien zmienic degistir degistirin degistiriniz wijzig wijzigen verander "
    "ganti ubah izmenite zmente promenite"
)
_ABOUT = words(
    "password passwords passwd passphrase pass pw pwd passcode secret secrets token tokens key keys credential "
    "credentials apikey senha senhas chave segredo secreta secreto contrasena contrasenas clave claves llave passe "
    "motdepasse mdp cle cles jeton secrete passwort passworter passworte kennwort schluessel schlussel geheim "
    "geheimnis geheimes wachtwoord sleutel haslo klucz sekret tajne heslo klic lozinka kljuc losenord passord "
    "salasana adgangskode parola chiave segreto segreta sandi kunci rahasia katasandi jelszo kulcs matkhau kluch "
    "sekretny gizli jwt hash salt api"
)
_STEMS = ("sifre", "parol", "anahtar", "contrase")
_FILLERS = words(
    "a an the of for to and or in with at as is this that some any de do da dos das del della di du des der die das "
    "den dem den het een la le les el los las lo o os um uma un una une en em e y et und oder para por per pour fur "
    "fuer mit con com avec zu zum w i bir cok ve icin muy muito molto tres sehr zeer bardzo super segura seguro "
    "sicher sicheres sicherer securise forte fuerte starkes guclu guvenli larga largo longo longa longue lange langer "
    "uzun rastgele aleatoria aleatorio aleatoire min minimo minimum caracteres bd mot base dados datos banco db admin "
    "root user usuario utilisateur benutzer kullanici"
)
_AROUND = _FILLERS | _MINE | YOURS
_GENERIC = words(
    "a an the my our new old some this is very super strong secure safe long random here db database redis postgres "
    "postgre sql postgresql mysql mariadb mongo mongodb rabbit rabbitmq kafka clickhouse minio grafana elastic "
    "wordpress user username admin root app api jwt auth access master default session refresh signing encryption "
    "secret secrets secrete password passwd pass pw pwd key token value string phrase word test testing tester and or "
    "of for complex hard guess use please in with your current correct wrong incorrect invalid valid bad good weak "
    "another other temp temporary initial welcome hello world sample demo example qwerty asdf letmein changeme change "
    "me it dev local development dummy fake mock guest owner hunter at least chars char characters bits put "
    "unexpected hash hashed top"
)
_MADE = re.compile(f"(?:{'|'.join(sorted(_GENERIC, key=len, reverse=True))})+")
_MARKS = r"[-_.@#!$%^&*+=?]*"
_NUMBERS = re.compile(rf"{_MARKS}(?:0?1?|0?12|0?1234?5?6?7?8?9?0?|321|(?:19|20)\d\d)?{_MARKS}")


def plain(value: str) -> str:
    """A value without accents, so that "contraseña" is one word of ASCII."""
    if value.isascii():
        return value
    marked = unicodedata.normalize("NFKD", value.replace("İ", "I")).translate(_BARE)
    return "".join(char for char in marked if not unicodedata.combining(char))


@lru_cache(maxsize=1024)
def spoken(value: str) -> tuple[str, ...]:
    """The words and numbers of a value, in small letters without accents: `TuContraseña_1` is tu, contrasena and 1."""
    return tuple(_PART.findall(_CAMEL.sub(" ", plain(value)).casefold()))


def asks(name: str, value: str) -> bool:
    """Whether a value asks for one: it says whose it is to be, where it goes or what to do, in whatever language."""
    if _OTHER_SCRIPT.search(value):
        return True
    parts = spoken(value) if len(value) <= LONGEST else ()
    if len(parts) < 2:
        return bool(parts) and parts[0] in PUT
    if parts[0] in YOURS or parts[-1] in HERE:
        return True
    about = [part for part in parts if _is_about(part)]
    if not about:
        return False
    if parts[0] in PUT or parts[-1] in PUT or parts[0] in _OTHER:
        return True
    return parts[0] in _MINE and all(_is_about(part) or part in _FILLERS or part in spoken(name) for part in parts[1:])


def wants_change(value: str) -> bool:
    """Whether a value says in some language that it is to be changed."""
    return len(value) <= LONGEST and not CHANGE.isdisjoint(spoken(value))


def names_itself(value: str) -> bool:
    """Whether a value only says in some language what it is: "contraseña", "mot_de_passe", "senha-segura"."""
    parts = spoken(value) if len(value) <= LONGEST else ()
    return any(map(_is_about, parts)) and all(_is_about(part) or part in _AROUND for part in parts)


def _is_about(part: str) -> bool:
    return part in _ABOUT or part.startswith(_STEMS)


def is_generic(value: str) -> bool:
    """Whether a value is nothing but words of manuals, written together or apart: "rootpass", "s3cr3t-value"."""
    text = plain(value).lower()
    return len(text) <= LONGEST and any(_is_made(part) for part in (text, text.translate(_LEET)))


def is_ordinary(value: str) -> bool:
    """The same with the numbers and marks that everybody adds: "SecurePass123!"."""
    text = plain(value).lower()
    core = _EDGE.sub("", text)
    before, _, after = text.partition(core) if core else ("", "", text)
    usual = not before and bool(core) and _NUMBERS.fullmatch(after)
    return bool(usual) and (is_generic(core) or names_itself(plain(value)[: len(core)]))


def _is_made(text: str) -> bool:
    parts = re.split(r"[-_ .@#!$]+", text)
    return all(part and _MADE.fullmatch(part) for part in parts)
