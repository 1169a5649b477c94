#!/usr/bin/python3
"""One step of GRPO in PyTorch eager, the way trainers of language models do it: the peer of TrainingBenchmarks.Step on another
engine. The same arrangements on the library's own engine are in TrainingBenchmarks.

Same shapes as the compact policy of the library (vision tower, query modulation, four blocks of width 96, answers of up to 15
tokens over 64 coordinate bins), random weights and images, 24 queries with 8 answers each. Three arrangements:

  plain    every answer carries its own copy of the prompt, and every token of sampling reads all before it anew
  cached   the same copies, but sampling keeps keys and values: what trainers of language models mostly do
  shared   sampling and update read a prompt once for its 8 answers: what the library does

Rewards are random: segmenting and measuring masks are no part of it, and TrainingBenchmarks leaves them out too.

usage: grpo_step.py [--steps N] [--arrangement plain|cached|shared] [--threads N]
Debian's python3-torch computes on one thread until it is given more. Its usual set-up, and beside it the fastest of Debian's
arrangements: OpenBLAS with OpenMP (libopenblas0-openmp), and an allocator that keeps the memory it is given:
  MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=8589934592 MALLOC_TOP_PAD_=268435456 \
  LD_PRELOAD=/usr/lib/x86_64-linux-gnu/openblas-openmp/libblas.so.3 grpo_step.py --threads 2
"""
import argparse
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

QUERIES, GROUP, LENGTH, BINS, WIDTH, HEADS, LAYERS, SIDE, WORDS, TOKENS = 24, 8, 15, 64, 96, 3, 4, 64, 3, 40
STEM = 32  # a quarter of the width, rounded up to the 16 channels that convolutions come in
VOCABULARY = BINS + 5


class Vision(nn.Module):
    def __init__(self):
        super().__init__()
        middle = WIDTH // 2
        self.stem = nn.Conv2d(4, STEM, 3, 2, 1)
        self.quarter = nn.Conv2d(STEM, middle, 3, 2, 1)
        self.norm = nn.GroupNorm(middle // 8, middle)
        self.first = nn.Conv2d(middle, middle, 3, 1, 1)
        self.second = nn.Conv2d(middle, middle, 3, 1, 1)
        self.eighth = nn.Conv2d(middle, WIDTH, 3, 2, 1)

    def forward(self, x):
        x = self.quarter(F.silu(self.stem((x - 0.5) * 4)))
        x = x + self.second(F.silu(self.first(F.silu(self.norm(x)))))
        return self.eighth(F.silu(x)).flatten(2).transpose(1, 2)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_norm, self.qkv, self.projection = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.norm, self.expand, self.contract = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x, past=None, mask=None):
        n, t, _ = x.shape
        q, k, v = self.qkv(self.attention_norm(x)).view(n, t, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        scores = q @ k.transpose(-2, -1) / (WIDTH / HEADS) ** 0.5
        if mask is not None:
            scores = scores.masked_fill(mask, float("-inf"))
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(n, t, WIDTH)
        x = x + self.projection(mixed)
        return x + self.contract(F.silu(self.expand(self.norm(x)))), (k, v)


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        patches = (SIDE // 8) ** 2
        self.prompt_length = patches + WORDS
        self.vision, self.words, self.modulation = Vision(), nn.Embedding(TOKENS, WIDTH), nn.Linear(WIDTH, 2 * WIDTH)
        self.prompt_positions = nn.Parameter(torch.randn(self.prompt_length, WIDTH) * 0.02)
        self.answer, self.answer_positions = nn.Embedding(VOCABULARY, WIDTH), nn.Parameter(torch.randn(LENGTH, WIDTH) * 0.02)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, VOCABULARY)

    def prompt(self, images, queries):
        words = self.words(queries)
        scale, shift = self.modulation(words.sum(1, keepdim=True)).chunk(2, -1)
        return torch.cat([self.vision(images) * (1 + scale) + shift, words], 1) + self.prompt_positions

    def whole(self, images, queries, tokens):
        """Prompt and answer as one sequence, as language-model trainers have it: prompt both ways, answer causal."""
        t = tokens.shape[1]
        x = torch.cat([self.prompt(images, queries), self.answer(tokens) + self.answer_positions[:t]], 1)
        total = self.prompt_length + t
        mask = torch.ones(total, total, dtype=torch.bool).triu(1)
        mask[:, : self.prompt_length] = False
        for block in self.blocks:
            x, _ = block(x, mask=mask)
        return self.head(self.norm(x[:, self.prompt_length:]))[..., : VOCABULARY - 1]

    def read(self, images, queries):
        x, shared = self.prompt(images, queries), []
        for block in self.blocks:
            x, keys_values = block(x)
            shared.append(keys_values)
        return shared

    def extend(self, tokens, past, at):
        t = tokens.shape[1]
        y, own = self.answer(tokens) + self.answer_positions[at: at + t], []
        mask = None if t == 1 else torch.ones(t, past[0][0].shape[2] + t, dtype=torch.bool).triu(past[0][0].shape[2] + 1)
        for block, before in zip(self.blocks, past):
            y, keys_values = block(y, past=before, mask=mask)
            own.append(keys_values)
        return self.head(self.norm(y))[..., : VOCABULARY - 1], own


def repeat(shared):
    return [(k.repeat_interleave(GROUP, 0), v.repeat_interleave(GROUP, 0)) for k, v in shared]


@torch.no_grad()
def sample(policy, images, queries, arrangement):
    tokens = torch.full((QUERIES * GROUP, 1), VOCABULARY - 1)
    logs, past = [], None
    if arrangement == "shared":
        past = repeat(policy.read(images, queries))
    else:
        images, queries = images.repeat_interleave(GROUP, 0), queries.repeat_interleave(GROUP, 0)
        if arrangement == "cached":
            past = policy.read(images, queries)
    for at in range(LENGTH):
        if past is not None:
            logits, past = policy.extend(tokens[:, -1:], past, at)
            logits = logits[:, -1]
        else:
            logits = policy.whole(images, queries, tokens)[:, -1]
        drawn = torch.multinomial(logits.softmax(-1), 1)
        logs.append(logits.log_softmax(-1).gather(-1, drawn))
        tokens = torch.cat([tokens, drawn], 1)
    return tokens, torch.cat(logs, 1)


def update(policy, reference, optimizer, images, queries, tokens, old, advantages, arrangement):
    def log_probabilities(model):
        if arrangement == "shared":
            logits, _ = model.extend(tokens[:, :-1], repeat(model.read(images, queries)), 0)
        else:
            logits = model.whole(images.repeat_interleave(GROUP, 0), queries.repeat_interleave(GROUP, 0), tokens[:, :-1])
        return logits.log_softmax(-1).gather(-1, tokens[:, 1:, None]).squeeze(-1)

    with torch.no_grad():
        d_reference = log_probabilities(reference)
    new = log_probabilities(policy)
    ratio = (new - old).exp()
    d = (d_reference - new).clamp(-10, 10)
    loss = (-torch.minimum(ratio * advantages, ratio.clamp(0.8, 1.2) * advantages) + 0.01 * (d.exp() - d - 1)).mean()
    loss.backward()
    nn.utils.clip_grad_norm_(policy.parameters(), 1)
    optimizer.step()
    optimizer.zero_grad()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--steps", type=int, default=5)
    arguments.add_argument("--arrangement", choices=["plain", "cached", "shared"], default="plain")
    arguments.add_argument("--threads", type=int)
    given = arguments.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    torch.manual_seed(1)
    policy, reference = Policy(), Policy()
    reference.load_state_dict(policy.state_dict())
    optimizer = torch.optim.AdamW(policy.parameters(), 1e-4, weight_decay=0.01)
    images, queries = torch.rand(QUERIES, 4, SIDE, SIDE), torch.randint(1, TOKENS, (QUERIES, WORDS))
    rewards = torch.rand(QUERIES, GROUP)
    advantages = ((rewards - rewards.mean(1, keepdim=True)) / (rewards.std(1, keepdim=True) + 1e-4)).reshape(-1, 1)
    times = []
    for step in range(given.steps + 1):
        began = time.perf_counter()
        tokens, old = sample(policy, images, queries, given.arrangement)
        sampled = time.perf_counter()
        update(policy, reference, optimizer, images, queries, tokens, old, advantages, given.arrangement)
        if step > 0:  # the first warms up
            times.append((sampled - began, time.perf_counter() - sampled))
    sampling, updating = (statistics.median(part) for part in zip(*times))
    print(f"{given.arrangement}, {torch.get_num_threads()} threads: sampling {1000 * sampling:.0f} ms, update {1000 * updating:.0f} ms, "
          f"step {1000 * statistics.median(sum(both) for both in times):.0f} ms (median of {given.steps})")


if __name__ == "__main__":
    main()
