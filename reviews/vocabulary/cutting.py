"""Cuts what buyers wrote into words, with the shop's own words kept whole.

jieba has one dictionary in a process, some 65 MB, and the classifier was trained on its cuts. So words are not added
to it: what stands between the words of the shop is cut by it. Nothing is changed that another thread could be reading,
and a changed vocabulary needs no new dictionary.
"""

from __future__ import annotations

import jieba

from reviews.classifier.normalise import normalise

from .matching import PhraseFinder


def cut(text: str, own_words: PhraseFinder) -> list[str]:
    """The words of `text` in its normal spelling, blanks and punctuation included."""
    normal = normalise(text).text
    words: list[str] = []
    done = 0
    for hit in own_words.hits(normal):
        words += [*jieba.lcut(normal[done : hit.start], HMM=False), hit.phrase]
        done = hit.end
    return [*words, *jieba.lcut(normal[done:], HMM=False)]
