"""svg: what a picture of `gradus plot` shows, read from its SVG. Text is drawn as outlines, which depend on
the fonts of the machine; its words are in the title and the description."""
import re
import xml.etree.ElementTree as tree

NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:e-?\d+)?")


def name(element):
    return element.tag.rsplit("}", 1)[-1]


def style(element):
    parts = element.get("style", "").split(";")
    return dict(part.split(":", 1) for part in parts if ":" in part)


def points(d):
    """Runs of points: one list for each M of the path; of curves the ends."""
    runs = []
    for letter, rest in re.findall(r"([MLCZ])([^MLCZ]*)", d):
        at = [float(number) for number in NUMBER.findall(rest)]
        if letter == "M":
            runs.append([tuple(at)])
        elif letter in "LC":
            runs[-1].append(tuple(at[-2:]))
    return [run for run in runs if len(run) > 1]


class Picture:
    def __init__(self, path):
        self.root = tree.parse(path).getroot()
        self.title = self.text("title")
        self.description = self.text("desc")
        self.paths = list(self.find_paths())
        frames = [runs[0] for look, runs in self.paths
                  if len(runs) == 1 and len(runs[0]) == 3 and look["fill"] == "none"]
        self.frame = frames[0] if frames else None

    def text(self, tag):
        words = "".join(element.text or "" for element in self.root if name(element) == tag)
        return words.replace("\u2009", " ")

    def find_paths(self):
        todo = [self.root]
        while todo:
            element = todo.pop()
            if name(element) in ("defs", "symbol", "clipPath"):
                continue
            if name(element) == "path" and element.get("d"):
                look = {"fill": "none", "stroke": "none", **style(element)}
                yield look, points(element.get("d"))
            todo.extend(reversed(list(element)))

    def size(self):
        return float(self.root.get("width").rstrip("pt")), float(self.root.get("height").rstrip("pt"))

    def curves(self, width):
        """The runs of each stroke of that width, outside the legend (whose samples are 26 points long)."""
        found = []
        for look, runs in self.paths:
            if look["fill"] == "none" and look.get("stroke-width") == width:
                runs = [run for run in runs if len(run) > 2 or abs(run[0][0] - run[-1][0]) != 26]
                for run in runs: # beyond the frame a curve is cut into pieces that touch
                    if found and found[-1][0] == look["stroke"] and found[-1][1][-1][-1] == run[0]:
                        found[-1][1][-1].extend(run[1:])
                    else:
                        found.append((look["stroke"], [run]))
        return found

    def data(self, run, x_range, y_range):
        """The run in units of the axes, whose ranges the caller has asked for."""
        (left, top), (_, bottom), (right, _) = self.frame
        return [(x_range[0] + (u - left) / (right - left) * (x_range[1] - x_range[0]),
                 y_range[1] + (v - top) / (bottom - top) * (y_range[0] - y_range[1])) for u, v in run]
