"""Everything that is drawn, in one style: static figures, films and self-contained pages.

`style`    palette, colour maps, figures of a size in CSS pixels, the same bytes for the same figure
`canvas`   static axes drawn once by matplotlib, with cells, disks, lines and a clock painted per frame
`film`     rgb frames to an MP4, streamed
`page`     offline HTML with the data inside it;  `viewers` the pages that all systems share
`report`   which pages Snakemake's report leaves out where it would be too large

Literature: Okabe & Ito 2008, "Color universal design" (palette); Ottosson 2020, "A perceptual color space for
image processing" (OKLab, colours of many identities); Smith & van der Walt 2015, viridis; twilight by
Bastian Bechtold 2018.
"""
