"""The headers that harden every answer; they need nothing loaded, so that a door can send them before any page."""

SECURITY_HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)
NOT_KEPT = ("Cache-Control", "no-store")
