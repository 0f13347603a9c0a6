"""What leaves the house: one module a format. Nothing in any of them runs anywhere, whatever a page had in its headline."""
