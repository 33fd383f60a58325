"""What all pages begin with, and how a page's files become one: HTML that needs no network and no server."""
