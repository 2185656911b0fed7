# SPDX-License-Identifier: Apache-2.0
# The program itself on bad input, as a process. Included by CMakeLists.txt.
if("eie4" IN_LIST EIE_CONFIGS)
  eie_add_test(bad_input_test LABEL negative SANITIZED SOURCES ${CMAKE_CURRENT_LIST_DIR}/bad_input_test.cpp ${CMAKE_CURRENT_LIST_DIR}/bad_yaml_test.cpp
    LIBRARIES GTest::gtest_main)
  target_compile_definitions(bad_input_test PRIVATE EIE_PROGRAM="$<TARGET_FILE:eie>")
  add_dependencies(bad_input_test eie)

  # Where the program writes to. Standard library of Python 3.
  foreach(case stdout_is_pure dev_stdout_appends closed_pipes_end_quietly fifos_and_sockets
      old_files_keep_mode_owner_and_links folders_without_rights full_disks encodings_are_replaced_whole
      signals_during_run signals_during_encode signals_during_trace text_that_is_not_utf8 simulator_folder_runs)
    add_test(NAME Outputs.${case} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
      COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/outputs.py $<TARGET_FILE:eie> ${PROJECT_SOURCE_DIR}/configs/eie4.yaml ${case})
    set_tests_properties(Outputs.${case} PROPERTIES LABELS negative TIMEOUT 300 ENVIRONMENT SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1)
  endforeach()

  # What a new user meets. NumPy is Debian's.
  foreach(case options_say_their_own_range samples_and_labels_are_counted files_of_one_name_are_told_apart
      every_report_says_what_ran lost_numbers_are_warned_of_by_every_command configurations_in_words
      pipes_are_read weights_are_inspected inspections_are_drawn)
    add_test(NAME FrontDoor.${case}
      COMMAND /usr/bin/python3 ${PROJECT_SOURCE_DIR}/tb/test/system/front_door.py $<TARGET_FILE:eie> ${PROJECT_SOURCE_DIR}/configs/eie4.yaml ${case})
    set_tests_properties(FrontDoor.${case} PROPERTIES LABELS negative TIMEOUT 300 ENVIRONMENT SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1)
  endforeach()
endif()
