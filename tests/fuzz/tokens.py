"""What means something to a reader, or did to one before: cases have it in odd places."""

__all__ = ["AUDIO", "BINARY", "EXPORT", "JSON", "M3U", "NPY", "TSV", "XML", "YAML", "ZIP"]

_LONG = b"9" * 400

TSV = (
    b"\t", b"\n", b"\r", b"inf", b"nan", b"-1", b"1e999", _LONG, b"../", b"\\x00", b"\0", b"\xff",
    b"\xed\xa0\x80", b"0x10", b"=1 ", b"settings", b"../../x", b"/etc/passwd", b"con",
)  # fmt: skip
XML = (
    b"<dict>", b"</dict>", b"<key>", b"</key>", b"<array>", b"<string>", b"<integer>", b"<date>",
    b"<![CDATA[", b"]]>", b"<!--", b"&#55357;", b"&#x110000;", b"&#0;", b"<key>Tracks</key>",
    b"<key>Location</key><string>", b"<true/>", b"<data>", b"&amp;", b"\0", b"\xff", _LONG,
    b"<real>1e-322</real>", b'encoding="x-mac"', b'encoding="utf-16"', b'<!ENTITY a "b">',
)  # fmt: skip
M3U = (
    b"#EXTINF:", b"#", b"\r", b"\n", b",", b" - ", b"%00", b"%E9", b"file://", b"C:\\", b"\\\\x\\",
    b"http://", b"../", b"\0", b"\xe9", b":", b"/", b"~/", b"\xef\xbb\xbf", b"\xff\xfe", _LONG,
)  # fmt: skip
EXPORT = (
    b"\t", b"\r", b"\n", _LONG, b"3:45", b"44100", b"\xff\xfe", b"\xfe\xff", b"\0", b"\x8e", b"::",
    b"Macintosh HD:", b"Location", b"\xef\xbb\xbf", b"\xd8\x00",
)  # fmt: skip
BINARY = (b"Tracks", b"\xdf\x13", b"\x6f\x12", b"\xd1\x00\x00", b"\x13\xff\xff\xff\xff")
JSON = (
    b"{", b"}", b"[", b"]", b'"', b"null", b"NaN", b"1e999", b"9" * 5000, b"[" * 2000, b"\\ud800",
    b'"source": []', b"true", b"\xff", b"-1", b"0.5", b",",
)  # fmt: skip
YAML = (
    b"&a ", b"*a", b"[*a, *a]", b"<<: ", b"!!binary ", b"!!set ", b"? ", b"0x" + b"f" * 300, b": ",
    b"\n", b"  ", _LONG, b".nan", b"-.inf", b"null", b"[]", b"{}", b"2001-01-01", b"\t", b"1:30",
    b"'", b'"', b"|\n", b"models: ", b"\\ud800", b"con", b"{a: 1}", b"-1", b"0.5",
)  # fmt: skip
ZIP = (b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"model.weights.h5", b"\x0e\0", b"\x08\0")
NPY = (
    b"\x93NUMPY", b"'descr': '<f8'", b"'descr': '|O'", b"'fortran_order': True", b"(", b")", b"{",
    b"'shape': (4294967296,)", b"'shape': (-1,)", b"'<M8[ns]'", b"__import__('os')", b"\0", b"\n",
)  # fmt: skip
AUDIO = (
    b"RIFF", b"RF64", b"fmt ", b"data", b"LIST", b"fact", b"cue ", b"FORM", b"COMM", b"SSND",
    b"fLaC", b"OggS", b"ID3\4\0\0\0\0\x0f\x76", b"Xing", b"Info", b"VBRI", b"\xff\xfb\x90\x64",
    b"ftypM4A ", b"moov", b"trak", b"edts", b"elst", b"stsz", b"stco", b"mdat", b"stsd", b"esds",
    b"stts", b"\xff\xff\xff\xff", b"\0\0\0\0",
)  # fmt: skip
