"""The pages of a sweep: one module a page, each page one HTML file that needs nothing but itself."""
