"""Write the example exports of resources/playlists: one small playlist in every known form.

Run it after a change here: ``python tests/data/make_playlists.py``. A test compares.
"""

from __future__ import annotations

import plistlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "playlists"


@dataclass(frozen=True)
class Track:
    title: str
    artist: str
    size: int
    seconds: int
    kbps: int
    kind: str
    # Components below the volume; empty for none. A '/' belongs to a name.
    place: tuple[str, ...] = ()
    url: str = ""
    # What select_songs says of it where all files are there.
    fate: str = "accepted"


HOME = ("Macintosh HD", "Users", "me", "Music", "iTunes", "iTunes Media", "Music")
TRACKS = (
    Track("Blue Door", "The Hinges", 6_400_000, 200, 256, "purchased", (*HOME, "Blue Door.m4a")),
    Track('12" Mix, one quote', "", 9_600_000, 240, 320, "mpeg", (*HOME, '12" Mix.mp3')),
    Track("Café Noir", "Zoë", 21_000_000, 180, 933, "lossless", (*HOME, "Zoë", "Café Noir.m4a")),
    Track("Side A/B", "AB/CD", 8_000_000, 200, 320, "mpeg", ("Archive", "AB/CD", "Side A/B.mp3")),
    Track("Sixty", "", 1_920_000, 60, 256, "matched", (*HOME, "Sixty.m4a")),
    Track("Sting", "", 320_000, 8, 320, "mpeg", (*HOME, "Sting.mp3"), fate="too short"),
    Track("Night", "", 168_400_000, 4210, 320, "wav", (*HOME, "Night.wav"), fate="too long"),
    Track("Old Rip", "", 3_392_000, 212, 128, "mpeg", (*HOME, "Rip.mp3"), fate="low bit rate"),
    Track("Edge", "", 5_000_000, 200, 200, "mpeg", (*HOME, "Edge.mp3"), fate="low bit rate"),
    Track("2005", "", 7_712_000, 241, 256, "protected", (*HOME, "2005.m4p"), fate="protected"),
    Track("Kept", "", 7_712_000, 241, 256, "subscription", (*HOME, "Kept.m4a"), fate="protected"),
    Track("Cloud", "Zoë", 7_456_000, 233, 256, "subscription", fate="cloud"),
    Track("Web Radio", "", 0, 0, 0, "stream", url="http://localhost/radio", fate="stream"),
    Track("Clip", "", 9_000_000, 200, 256, "video", (*HOME, "Clip.m4v"), fate="not audio"),
)
KINDS = ("purchased", "matched", "mpeg", "lossless", "wav", "protected", "subscription", "stream")

# Without the columns that do not matter here, each language would be found as well; they are
# there because real exports have them.
HEADERS = {
    "english": (
        "Name|Artist|Composer|Album|Grouping|Work|Movement Number|Movement Count|Movement Name|"
        "Genre|Size|Time|Disc Number|Disc Count|Track Number|Track Count|Year|Date Modified|"
        "Date Added|Bit Rate|Sample Rate|Volume Adjustment|Kind|Equalizer|Comments|Plays|"
        "Last Played|Skips|Last Skipped|My Rating|Location"
    ),
    "german": (
        "Name|Interpret|Komponist|Album|Gruppierung|Werk|Satznummer|Satzanzahl|Satzname|Genre|"
        "Größe|Dauer|CD-Nummer|Anzahl der CDs|Titelnummer|Anzahl der Titel|Jahr|Änderungsdatum|"
        "Hinzugefügt|Datenrate|Abtastrate|Lautstärkeanpassung|Art|Equalizer|Kommentare|"
        "Wiedergaben|Zuletzt gespielt|Übersprungen|Zuletzt übersprungen|Meine Wertung|Ort"
    ),
    "french": (
        "Nom|Artiste|Compositeur|Album|Groupement|Œuvre|Numéro de mouvement|"
        "Nombre de mouvements|Nom du mouvement|Genre|Taille|Durée|Numéro du disque|"
        "Nombre de disques|Numéro de piste|Nombre de pistes|Année|Date de modification|"
        "Date d\u2019ajout|Débit|Échantillonnage|Réglage du volume|Type|Égaliseur|Commentaires|"
        "Lectures|Dernière lecture|Sauts|Dernier saut|Ma note|Emplacement"
    ),
    "spanish": (
        "Nombre|Artista|Compositor|Álbum|Agrupación|Obra|Número de movimiento|"
        "Total de movimientos|Nombre del movimiento|Género|Tamaño|Duración|Número de disco|"
        "Total de discos|Número de pista|Total de pistas|Año|Fecha de modificación|"
        "Fecha de incorporación|Velocidad de bits|Frecuencia de muestreo|Ajuste de volumen|"
        "Clase|Ecualizador|Comentarios|Reproducciones|Última reproducción|Saltos|Último salto|"
        "Mi puntuación|Ubicación"
    ),
    "italian": (
        "Nome|Artista|Compositore|Album|Raggruppamento|Opera|Numero movimento|Totale movimenti|"
        "Nome movimento|Genere|Dimensioni|Durata|Numero disco|Totale dischi|Numero traccia|"
        "Totale tracce|Anno|Data modifica|Data aggiunta|Velocità in bit|"
        "Frequenza di campionamento|Regolazione volume|Tipo|Equalizzatore|Commenti|"
        "Riproduzioni|Ultima riproduzione|Salti|Ultimo salto|La mia valutazione|Posizione"
    ),
    "dutch": (
        "Naam|Artiest|Componist|Album|Groep|Werk|Deelnummer|Aantal delen|Deelnaam|Genre|Grootte|"
        "Duur|Schijfnummer|Aantal schijven|Nummer|Aantal nummers|Jaar|Wijzigingsdatum|"
        "Datum toegevoegd|Bitsnelheid|Samplefrequentie|Volumeaanpassing|Soort|Equalizer|"
        "Opmerkingen|Afgespeeld|Laatst afgespeeld|Overgeslagen|Laatst overgeslagen|"
        "Mijn beoordeling|Locatie"
    ),
    # In no language that the reader knows by name.
    "japanese": (
        "名前|アーティスト|作曲者|アルバム|グループ|作品|楽章番号|楽章数|楽章名|ジャンル|サイズ|時間|"
        "ディスク番号|ディスク数|トラック番号|トラック数|年|変更日|追加日|ビットレート|"
        "サンプルレート|音量調整|種類|イコライザ|コメント|再生回数|最後に再生した日|スキップ回数|"
        "最後にスキップした日|マイレート|場所"
    ),
}
HEADERS["british"] = HEADERS["english"].replace("Equalizer", "Equaliser")

KIND_NAMES = {
    "english": {
        "purchased": "Purchased AAC audio file",
        "matched": "Matched AAC audio file",
        "mpeg": "MPEG audio file",
        "lossless": "Apple Lossless audio file",
        "wav": "WAV audio file",
        "protected": "Protected AAC audio file",
        "subscription": "Apple Music AAC audio file",
        "stream": "Internet audio stream",
        "video": "MPEG-4 video file",
    },
    "german": {
        "purchased": "Gekaufte AAC-Audiodatei",
        "matched": "Abgeglichene AAC-Audiodatei",
        "mpeg": "MPEG-Audiodatei",
        "lossless": "Apple Lossless-Audiodatei",
        "wav": "WAV-Audiodatei",
        "protected": "Geschützte AAC-Audiodatei",
        "subscription": "Apple Music AAC-Audiodatei",
        "stream": "Internet-Audiostream",
        "video": "MPEG-4-Videodatei",
    },
    "french": {
        "purchased": "Fichier audio AAC acheté",
        "matched": "Fichier audio AAC mis en correspondance",
        "mpeg": "Fichier audio MPEG",
        "lossless": "Fichier audio Apple Lossless",
        "wav": "Fichier audio WAV",
        "protected": "Fichier audio AAC protégé",
        "subscription": "Fichier audio AAC Apple Music",
        "stream": "Flux audio Internet",
        "video": "Fichier vidéo MPEG-4",
    },
    "spanish": {
        "purchased": "Archivo de audio AAC comprado",
        "matched": "Archivo de audio AAC asociado",
        "mpeg": "Archivo de audio MPEG",
        "lossless": "Archivo de audio Apple Lossless",
        "wav": "Archivo de audio WAV",
        "protected": "Archivo de audio AAC protegido",
        "subscription": "Archivo de audio AAC de Apple Music",
        "stream": "Secuencia de audio de Internet",
        "video": "Archivo de vídeo MPEG-4",
    },
    "italian": {
        "purchased": "Documento audio AAC acquistato",
        "matched": "Documento audio AAC abbinato",
        "mpeg": "Documento audio MPEG",
        "lossless": "Documento audio Apple Lossless",
        "wav": "Documento audio WAV",
        "protected": "Documento audio AAC protetto",
        "subscription": "Documento audio AAC di Apple Music",
        "stream": "Flusso audio Internet",
        "video": "Documento video MPEG-4",
    },
    "dutch": {
        "purchased": "Aangekocht AAC-audiobestand",
        "matched": "Gekoppeld AAC-audiobestand",
        "mpeg": "MPEG-audiobestand",
        "lossless": "Apple Lossless-audiobestand",
        "wav": "WAV-audiobestand",
        "protected": "Beveiligd AAC-audiobestand",
        "subscription": "Apple Music AAC-audiobestand",
        "stream": "Internet-audiostream",
        "video": "MPEG-4-videobestand",
    },
    "japanese": {
        "purchased": "購入した AAC オーディオファイル",
        "matched": "マッチした AAC オーディオファイル",
        "mpeg": "MPEG オーディオファイル",
        "lossless": "Apple ロスレス・オーディオファイル",
        "wav": "WAV オーディオファイル",
        "protected": "保護された AAC オーディオファイル",
        "subscription": "Apple Music AAC オーディオファイル",
        "stream": "インターネット・オーディオ・ストリーム",
        "video": "MPEG-4 ビデオファイル",
    },
}
KIND_NAMES["british"] = KIND_NAMES["english"]


def hfs(track: Track) -> str:
    return track.url or ":".join(track.place)


def posix(track: Track) -> str:
    names = [name.replace("/", ":") for name in track.place]
    return "/" + "/".join(names[1:] if names[0] == "Macintosh HD" else ["Volumes", *names])


def windows(track: Track) -> str:
    # Windows allows neither of these in a name; iTunes writes '_' there.
    names = [name.replace("/", "_").replace('"', "_") for name in track.place[1:]]
    drive = "C:" if track.place[:1] == ("Macintosh HD",) else "E:"
    return track.url or ("\\".join([drive, *names]) if names else "")


def text_export(
    language: str,
    encoding: str,
    ending: str,
    *,
    bom: bytes = b"",
    older: bool = False,
    form: str = "NFC",
    clock: bool = False,
    locate: object = hfs,
) -> bytes:
    header = HEADERS[language].split("|")
    columns = [column for column in range(31) if not (older and 5 <= column <= 8)]
    lines = ["\t".join(header[column] for column in columns)]
    for number, track in enumerate(TRACKS, start=1):
        cells = [""] * 31
        cells[0], cells[1], cells[3] = track.title, track.artist, "Examples"
        if track.seconds:
            minutes, seconds = divmod(track.seconds, 60)
            cells[10] = str(track.size)
            cells[11] = f"{minutes}:{seconds:02d}" if clock else str(track.seconds)
            cells[14], cells[15] = str(number), str(len(TRACKS))
            cells[17] = cells[18] = "2/18/17, 5:31 PM"
            cells[19], cells[20] = str(track.kbps), "44100"
        cells[22] = KIND_NAMES[language][track.kind]
        cells[30] = unicodedata.normalize(form, locate(track))  # type: ignore[operator]
        lines.append("\t".join(cells[column] for column in columns))
    return bom + "".join(line + ending for line in lines).encode(encoding)


def library_xml() -> bytes:
    tracks = {}
    for number, track in enumerate(TRACKS, start=101):
        entry: dict[str, object] = {"Track ID": number, "Name": track.title}
        if track.artist:
            entry["Artist"] = track.artist
        entry["Kind"] = KIND_NAMES["english"][track.kind]
        if track.seconds:
            entry |= {"Size": track.size, "Total Time": track.seconds * 1000}
            entry |= {"Bit Rate": track.kbps, "Sample Rate": 44100}
        if track.kind == "protected":
            entry["Protected"] = True
        if track.place:
            entry["Track Type"] = "File"
            path = unicodedata.normalize("NFD", posix(track))
            entry["Location"] = "file://localhost" + quote(path, safe="/:&'(),!;=@$*+")
        else:
            entry["Track Type"] = "URL" if track.url else "Remote"
            if track.url:
                entry["Location"] = track.url
        tracks[str(number)] = entry
    items = [{"Track ID": int(number)} for number in tracks]
    playlist = {"Name": "Examples", "Playlist ID": 1, "Playlist Items": items}
    library = {"Major Version": 1, "Minor Version": 1, "Application Version": "12.9.5.5"}
    library |= {"Tracks": tracks, "Playlists": [playlist]}
    return plistlib.dumps(library, sort_keys=False)


def m3u(encoding: str, ending: str, *, locate: object, extended: bool) -> bytes:
    lines = ["#EXTM3U"] if extended else []
    for track in TRACKS:
        location = locate(track) if track.place or track.url else ""  # type: ignore[operator]
        if not location:
            continue
        if extended:
            caption = f"{track.artist} - {track.title}" if track.artist else track.title
            lines.append(f"#EXTINF:{track.seconds or -1},{caption}")
        lines.append(location)
    return "".join(line + ending for line in lines).encode(encoding)


def relative(track: Track) -> str:
    return track.url or "/".join(name.replace("/", ":") for name in ("Music", *track.place[-2:]))


def main(folder: Path = FOLDER) -> None:
    le, be, mark = b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"
    files = {
        "english_utf16le_cr.txt": text_export("english", "utf-16-le", "\r", bom=le, form="NFD"),
        "english_utf16be_crlf.txt": text_export("english", "utf-16-be", "\r\n", bom=be),
        "english_utf16le_no_bom_lf.txt": text_export("english", "utf-16-le", "\n"),
        "english_utf16be_no_bom_cr.txt": text_export("english", "utf-16-be", "\r"),
        "english_utf8_lf.txt": text_export("english", "utf-8", "\n", form="NFD"),
        "english_utf8_bom_crlf.txt": text_export("english", "utf-8", "\r\n", bom=mark),
        "english_mac_roman_cr.txt": text_export("english", "mac_roman", "\r"),
        "english_27_columns_cr.txt": text_export("english", "mac_roman", "\r", older=True),
        "english_windows_utf16le_crlf.txt": text_export(
            "english", "utf-16-le", "\r\n", bom=le, locate=windows
        ),
        "english_windows_cp1252_crlf.txt": text_export("english", "cp1252", "\r\n", locate=windows),
        "british_utf16le_cr.txt": text_export("british", "utf-16-le", "\r", bom=le),
        "japanese_27_columns_utf8_lf.txt": text_export("japanese", "utf-8", "\n", older=True),
        "Library.xml": library_xml(),
        "absolute_cp1252.m3u": m3u("cp1252", "\r\n", locate=windows, extended=True),
        "relative_utf8.m3u8": m3u("utf-8", "\n", locate=relative, extended=True),
        "plain_utf8.m3u": m3u("utf-8", "\n", locate=relative, extended=False),
    }
    for language in ("german", "french", "spanish", "italian", "dutch", "japanese"):
        files[f"{language}_utf16le_cr.txt"] = text_export(
            language, "utf-16-le", "\r", bom=le, clock=language == "german"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
