"""The files of API descriptions: finding, reading and connecting them."""
