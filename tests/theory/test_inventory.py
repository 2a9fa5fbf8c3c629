"""Every reference is either tested, and here stands where, or not expressible yet, and here stands why."""

from __future__ import annotations

from collections import Counter

import pytest

from theory.agreement import STANDARD_ERRORS, Entry, Measured
from theory.references import REFERENCES
from theory.rooms import computed, rooms
from theory.table import cells, row, rows

TESTED = {
    "test_single_line": (
        "mm1_wq mm1_T mm1_T_tail5 mm1_wq_tail2 mmc_a4c5_pwait mmc_a4c5_wq mmc_hotel_pwait mmc_hotel_wq "
        "mmc_sl20_c7 mmc_asa_c7 staff_8020_erlc staff_8020_erlc_sl staff_8020_erlc_slm1 ql_announce_mse "
        "zot_mmc_mean_sat zot_mmc_share_tolerated qed_exact_c110 mg1_logn_wq mg1_erl2_wq md1_wq md3_wq me2c3_wq "
        "batch_T vacation_wq polling_wq"
    ),
    "test_long_run": ("mm1_sd_N mm1_fifo_EW2 mm1_wait_gini mm1_wait_jain mm1_bp_age mm1_ipa_dwq mg1_logn_sdwq"),
    "test_abandonment": (
        "erlb_c10_a8 mmck_block mmck_wq_acc erla_c5_pwait erla_c5_pab erla_c5_ew erla_c5_ew_served "
        "erla_c5_ew_ab erla_c5_sl erla_big_pwait erla_big_pab erla_big_ew erla_big_ew_served erla_big_ew_ab "
        "erla_poisson erla_trunk_block erla_trunk_pab mmnd_pab mmnd_ew"
    ),
    "test_breakdowns": "brk_T brk_pdown brk_active_T",
    "test_preemption": "prio_pr1_T1 prio_pr1_T2",
    "test_fork_join": "chaser_noinfo chaser_promise",
    "test_loyalty": "clv_delighted clv_satisfied clv_neutral clv_dissatisfied clv_geometric",
    "test_python_steps": (
        "mm1_lifo_EW2 announce_pbalk announce_ew erla_balk_pbalk erla_balk_pab retrial_orbit retrial_wait "
        "retrial_attempts chat_wq chat_T ps_T ps_T_x2"
    ),
    "test_priorities": "prio_np1_w1 prio_np1_w2 prio_np1_overtakes",
    "test_nested": (
        "nest1_wq nest2_wq nest2_pwait nest2_hold nest2_bqwait nest2_heldshare nest2_T nest2_delay nest2_cap "
        "nest1_blame_back nest1_blame_front nest2_blame_back nest2_blame_front nest2_irb_back nest5_blame_prog "
        "nest5_blame_book nest5_blame_front nest5_holdblame_prog "
        "async2_wq nest5_wq nest5_hold nest5_T nest5_cap tandem_block_wq1 tandem_block_pblocked tandem_block_T "
        "tandem_block_cap"
    ),
    "test_attribution": (
        "hotel_g1_programmer hotel_g1_booking hotel_g2_programmer hotel_g2_booking hotel_g3_programmer "
        "hotel_g3_booking hotel_g3_reception"
    ),
    "test_networks": (
        "jackson2_T fcr_contacts fcr_wq fcr_resolved_share repair_down repair_avail repair_wait repair_alldown "
        "forkjoin_T ivr_agents_block ivr_agents_wq ivr_menus ivr_menus_sd ivr_p_gt3 ivr_seconds ivr_p_agent "
        "ivr_p_self_served ivr_p_hangup ticket_mean ticket_sd ticket_sl24 ticket_escalations ticket_reopen "
        "wom_total loyalty_lifetime"
    ),
    "test_unlimited": "mginf_mean mginf_trans_t2 slips_mginf",
    "test_transient": "mm1_trans_W5 mm1_trans_W20 mm1_trans_W100 mm1_trans_N10 mm1_trans_N100",
    "test_time_varying": "mtminf_t15 mtminf_t30 mtminf_t45 mtmc_Q15 mtmc_Q30 mtmc_Q45 mtmc_Q60 mtmc_V30",
}

ELSEWHERE = {
    "test_shapley": (
        "nest1_shapley_back nest1_shapley_front nest2_shapley_back nest2_shapley_front "
        "hotel_shapley_programmer hotel_shapley_booking hotel_shapley_reception"
    ),
}
"""Tested by the room of that name in the folder above."""

NOT_YET = {
    "the shares of Aumann and Shapley, which scale all times of an actor little by little": "nest1_as_back",
    "who is next would be drawn among those in line at that moment; a number drawn on coming is another order": (
        "mm1_siro_EW2"
    ),
    "a limit formula, of no finite number of servers": "qed_hw_beta1",
    "216 servers or 215: telling their P(wait) apart takes more than ten million customers": "qed_staff_a200",
    "how long a control chart of independent numbers runs: no queue": (
        "shewhart_arl0 ewma_arl_00 ewma_arl_05 ewma_arl_10"
    ),
}


def ids(groups):
    return [reference for group in groups.values() for reference in group.split()]


def test_every_reference_stands_here_once():
    listed = Counter([*ids(TESTED), *ids(ELSEWHERE), *ids(NOT_YET)])
    assert set(listed) == set(REFERENCES)
    assert [reference for reference, times in listed.items() if times > 1] == []


@pytest.mark.parametrize("module", TESTED)
def test_what_is_called_tested_is_tested_there(module):
    assert sorted(rooms()[module].VALUES) == sorted(TESTED[module].split())


def test_no_room_of_tests_is_left_out():
    assert {name for name, room in rooms().items() if hasattr(room, "VALUES")} == set(TESTED)


def test_the_table_holds_what_is_tested_and_nothing_else():
    assert set(rows()) == {*ids(TESTED), *computed()}


def test_the_table_expects_what_the_references_say():
    for name, line in rows().items():
        if name in REFERENCES:
            assert cells(line)[3] == f"{REFERENCES[name].value:.6g}"


def test_the_table_shows_agreement():
    for name, line in rows().items():
        away = cells(line)[-1]
        assert away == "exact" or abs(float(away)) <= STANDARD_ERRORS, name


def test_a_line_of_the_table_says_all():
    entry = Entry("E[Wq | W>0]", "Erlang (1917)", 2.0, Measured(2.1, 0.05, 40))
    assert cells(row("wait", entry)) == ["wait", r"E[Wq \| W>0]", "Erlang (1917)", "2", "2.1", "+5.00 %", "+2.0"]
