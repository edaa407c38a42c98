"""A certificate authority of the test's own, and certificates good and bad."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """Signs certificates. `file` is what SSL_CERT_FILE points at so that this authority is trusted."""

    def __init__(self, folder: Path, name: str = "Test authority") -> None:
        self.folder, self.name, self.key = folder, name, ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._signed(_name(name), self.key, _name(name), self.key, authority=True)
        self.file = folder / f"{name.replace(' ', '-')}.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def context(self, host: str = "localhost", days: int = 30) -> ssl.SSLContext:
        """A server's context for `host`; with negative `days` the certificate has expired so long ago."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._loaded(self._signed(_name(host), key, _name(self.name), self.key, host, days), key)

    def self_signed(self, host: str = "localhost") -> ssl.SSLContext:
        """A context whose certificate vouches for itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._loaded(self._signed(_name(host), key, _name(host), key, host), key)

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, issuer: x509.Name,
        signer: ec.EllipticCurvePrivateKey, host: str = "", days: int = 30, authority: bool = False,
    ) -> x509.Certificate:  # fmt: skip
        end = datetime.now(UTC) + days * _DAY
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_after(end)
        made = made.not_valid_before(min(end, datetime.now(UTC)) - _DAY)
        made = made.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        if host:
            made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return made.sign(signer, hashes.SHA256())

    def _loaded(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
        file = self.folder / f"{certificate.serial_number:x}.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.touch(mode=0o600)
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context
