"""Surroundings: the places that pictures are taken in, as radiance around the face and as what stands behind it.

One place (world.py) is seen twice: from the face, which gives the radiance map, its harmonics and its key lights, and from the
camera, which gives the background. Frame: origin at the face, gravity down, Y up, Z level towards the camera, X to the picture's
right; metres; radiance in cd/m2 per channel of linear sRGB (luminance is their Rec. 709 sum).
"""
